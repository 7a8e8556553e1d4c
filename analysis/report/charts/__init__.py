"""The report's charts, as Vega-Lite: drawn to SVG for a page without scripts, or shown alive."""

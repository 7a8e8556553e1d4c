// Charts become alive when they are seen, take the page's colours, and ask nobody but this server.
const INK = "#010203";
const LIVE_SECONDS = 60;
const RELOAD_SECONDS = 2;
const base = document.documentElement.dataset.base;
let vega;

function loaded() {
  vega ??= import(`${base}/static/vega.js`).then(() => window.vegaEmbed);
  return vega;
}

async function draw(place) {
  const [embed, answer] = await Promise.all([loaded(), fetch(place.dataset.chart)]);
  if (!answer.ok) {
    return;
  }
  const ink = getComputedStyle(document.body).color;
  const spec = JSON.parse((await answer.text()).replaceAll(INK, ink));
  // The interpreter needs no eval, which the page's policy forbids.
  await embed(place, spec, {
    ast: true,
    actions: false,
    renderer: "svg",
    defaultStyle: false,
    tooltip: { disableDefaultStyle: true },
  });
  describe(place);
}

// Vega marks its picture as a document; its caption is what a reader needs.
function describe(place) {
  const caption = place.closest("figure")?.querySelector("figcaption");
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", caption?.textContent ?? "");
}

function watch(root) {
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries.filter((e) => e.isIntersecting)) {
      seen.unobserve(entry.target);
      draw(entry.target);
    }
  }, { rootMargin: "200px" });
  root.querySelectorAll("[data-chart]").forEach((place) => seen.observe(place));
}

async function renew(main) {
  const answer = await fetch(location.href, { cache: "no-cache" });
  if (!answer.ok) {
    return;
  }
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const told = fresh.querySelector("main");
  if (told && !main.contains(document.activeElement)) {
    main.replaceChildren(...told.childNodes);
    watch(main);
  }
}

function limit(form) {
  const [least, most] = form.dataset.between.split(",").map(Number);
  const boxes = [...form.querySelectorAll("input[type=checkbox]")];
  const button = form.querySelector("button");
  const check = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    button.disabled = chosen < least || chosen > most;
    boxes.forEach((box) => { box.disabled = !box.checked && chosen >= most; });
  };
  form.addEventListener("change", check);
  check();
}

watch(document);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  document.querySelectorAll("[data-chart]").forEach(draw);
});
document.querySelectorAll("form[data-between]").forEach(limit);
const main = document.querySelector("main");
if ("live" in main.dataset) {
  setInterval(() => document.hidden || renew(main), LIVE_SECONDS * 1000);
}
if ("reload" in main.dataset) {
  setTimeout(() => location.reload(), RELOAD_SECONDS * 1000);
}

"""What crawls leave beside posts: cursors, coverage, runs, responses, boards, volumes, outages."""

seen.headline = text(shown(page, ".verdict strong")[0]);
const steps = [...page.querySelectorAll("details.step")];
seen.steps = steps.length;
const closed = steps.find((step) => !step.open);
closed.querySelector("summary").click();
await settled();
seen.opened = text(closed.querySelector("summary h3"));
seen.checks = shown(closed, ".that").length;

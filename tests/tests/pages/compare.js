seen.headline = text(shown(page, ".verdict strong")[0]);
seen.sides = shown(page, ".sides h2").map(text);
const changes = (root) => shown(root, ".changes tbody tr").map((row) => {
  const [before, after] = ["before", "after"].map((side) => row.querySelector(`.${side}`));
  const [left, right] = [before, after].map((cell) => cell.getBoundingClientRect());
  return {
    words: text(row.querySelector(".words")),
    notes: shown(row, ".note").map(text),
    before: text(before),
    after: text(after),
    sideBySide: left.width > 0 && right.width > 0 && left.right <= right.left && left.top === right.top,
  };
});
const unexpected = page.getElementById("unexpected");
seen.unexpected = unexpected ? changes(unexpected) : [];
const steps = [...page.querySelectorAll("details.step")];
seen.openAtFirst = steps.filter((step) => step.open).map((step) => text(step.querySelector("summary b")));
for (const step of steps.filter((step) => !step.open)) step.querySelector("summary").click();
await settled();
seen.steps = steps.map((step) => ({ step: text(step.querySelector("summary b")), changes: changes(step) }));
const same = steps.at(-1).querySelector(".same summary");
same.click();
await settled();
seen.same = { summary: text(same), rows: shown(steps.at(-1), ".facts tr").length };

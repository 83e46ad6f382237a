// The page is whole without this: it opens and closes, searches, and opens what is printed or linked to.
"use strict";
for (const element of document.querySelectorAll(".scripted")) element.hidden = false;

for (const button of document.querySelectorAll("button[data-open]")) {
  button.addEventListener("click", () => {
    for (const step of document.querySelectorAll("details.step")) step.open = button.dataset.open === "true";
  });
}

const search = document.getElementById("timeline-text");
if (search) {
  const rows = [...document.querySelectorAll(".moments tbody tr:not(.group)")];
  search.addEventListener("input", () => {
    const wanted = search.value.trim().toLowerCase();
    for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
  });
  search.form.addEventListener("submit", (event) => event.preventDefault());
}

function openTarget() {
  const target = document.getElementById(location.hash.slice(1));
  if (target instanceof HTMLDetailsElement) target.open = true;
}
addEventListener("hashchange", openTarget);
document.addEventListener("click", (event) => {
  // A second click on the same link changes no hash.
  if (event.target.closest && event.target.closest("a[href^='#step-']")) setTimeout(openTarget);
});
openTarget();

let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("details:not([open])")];
  for (const details of closed) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of closed) details.open = false;
});

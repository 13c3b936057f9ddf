// The reference records: select2 puts a box of its own in the place of a list and leaves its name behind.
"use strict";

function nameBoxes() {
  for (const list of document.querySelectorAll("select.admin-autocomplete")) {
    const box = list.nextElementSibling?.querySelector(".select2-selection");
    const label = list.getAttribute("aria-label") || document.querySelector(`label[for="${list.id}"]`)?.textContent.replace(/:\s*$/, "");
    if (!box || !label) continue;
    const chosen = list.selectedOptions[0]?.textContent.trim();
    for (const wrong of ["role", "aria-readonly"]) box.querySelector(".select2-selection__rendered")?.removeAttribute(wrong);
    box.removeAttribute("aria-labelledby");
    box.setAttribute("aria-label", chosen ? `${label}: ${chosen}` : label);
  }
}

window.addEventListener("load", nameBoxes);
document.addEventListener("formset:added", () => setTimeout(nameBoxes));
document.addEventListener("change", nameBoxes);
django.jQuery(document).on("change select2:open", nameBoxes);

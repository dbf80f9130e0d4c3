// Warns before a page with changes that were not sent is left. Forms of edits are `form.form[method=post]`; one that came
// back with errors, or asks for a choice (`data-changed`), counts as changed from the start.
const contentOf = (form) => JSON.stringify([...new FormData(form)].map(([name, value]) => [name, value instanceof File ? value.name : value]));

export const watchForms = () => {
  const forms = [...document.querySelectorAll("form.form[method=post]:not(:has(input[type=password]))")];
  const before = new Map(forms.map((form) => [form, contentOf(form)]));
  const isRefused = document.querySelector(".govuk-error-summary") !== null;
  let isSent = false;
  forms.forEach((form) => form.addEventListener("submit", () => { isSent = true; }));
  const isChanged = (form) => isRefused || "changed" in form.dataset || contentOf(form) !== before.get(form);
  window.addEventListener("pageshow", () => { isSent = false; });
  window.addEventListener("beforeunload", (event) => {
    const isTyping = document.querySelector(".cell--changed") !== null;
    if (!isSent && (isTyping || forms.some(isChanged))) event.preventDefault();
  });
};

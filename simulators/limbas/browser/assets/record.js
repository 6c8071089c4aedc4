// A record's form: it tells the server which fields were changed, and no others are saved.

addEventListener("DOMContentLoaded", () => {
  const title = window.parent.document.getElementById("lmb-main-title");
  if (title) title.textContent = document.body.dataset.title;
  const form = document.forms.form1;
  form?.addEventListener("change", ({ target }) => {
    const { field } = target.dataset;
    if (field) form.history_fields.value += `${field};`;
  });
  for (const handle of document.querySelectorAll(".lmb-dial")) {
    // Looked up at the click, as by Limbas' own handlers in attributes: an extension may have replaced it.
    handle.addEventListener("click", () => window.openPhone_(handle.dataset.number));
  }
});

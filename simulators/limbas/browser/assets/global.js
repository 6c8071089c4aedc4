// What Limbas has in every document of its own, under the same names: asking the server, and its messages.

function ajaxGet(evt, url, actid, parameters, functionName) {
  const [name, ...rest] = actid.split("&");
  const query = rest.map((part) => {
    const [key, value] = part.split("=");
    return `${key}=${encodeURIComponent(value ?? "")}`;
  });
  const request = new XMLHttpRequest();
  request.open("POST", `${url}?${[`actid=${name}`, ...query].join("&")}`);
  request.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
  request.onload = () => {
    const then = typeof functionName === "function" ? functionName : window[functionName];
    if (then) then(request.responseText);
  };
  // As in Limbas: `parameters` names elements of the page. What it is given otherwise, it loses.
  const elements = Array.isArray(parameters) ? parameters.map((id) => document.getElementById(id)).filter(Boolean) : [];
  request.send(elements.map((element) => `${element.id}=${encodeURIComponent(element.value)}`).join("&"));
}

function ajaxEvalScript(text) {
  for (const script of new DOMParser().parseFromString(text, "text/html").querySelectorAll("script")) {
    const copy = document.createElement("script");
    copy.textContent = script.textContent;
    document.body.append(copy);
  }
}

function openPhone_(number) {
  ajaxGet(null, "main_dyns.php", "dialNumber", { phoneNr: number }, "ajaxEvalScript");
}

function lmbShowToast(kind, text) {
  const page = window.top;
  const toast = page.document.getElementById(`toast-${kind}`);
  if (!toast) return false;
  toast.closest(".toast-container").style.zIndex = 99999;
  page.document.getElementById(`toast-${kind}-body`).textContent = text;
  page.bootstrap.Toast.getOrCreateInstance(toast).show();
  return true;
}

function lmbShowSuccessMsg(text) {
  lmbShowToast("success", text);
}

function lmbShowWarningMsg(text) {
  lmbShowToast("warning", text);
}

function lmbShowErrorMsg(text) {
  lmbShowToast("error", text);
}

// The top document's menus: the right sidebar's entries with their previews, and folding both sidebars away.

let noMoreRefresh = 0;
const refreshMultiPreview = {};

function hideShowMulti(event, id, name, gtabid, params, type, manual) {
  const arrow = document.getElementById(`HS${id}`);
  const entry = arrow.closest("li");
  const opens = !entry.classList.contains("open");
  entry.classList.toggle("open", opens);
  arrow.classList.toggle("lmb-angle-up", opens);
  arrow.classList.toggle("lmb-angle-down", !opens);
  ajaxGet(null, "main_dyns.php", `layoutSettings&menu=${name}&show=${Number(opens)}`, null);
  if (opens && type) limbasMultiframePreview(id, type, manual, 0, gtabid, params);
  else clearInterval(refreshMultiPreview[id]);
}

function limbasMultiframePreview(id, type, manual, dropitem, gtabid, params) {
  if (noMoreRefresh && !manual) return;
  const asked = `multiframePreview&limbasMultiframeItem=${type}&id=${id}&gtabid=${gtabid}&dropitem=${dropitem}&${params}`;
  ajaxGet(0, "main_dyns.php", asked, null, (text) => limbasMultiframePreviewPost(text, id));
  clearInterval(refreshMultiPreview[id]);
  const minutes = Number(document.getElementById(`multiframeAutorefresh_${id}`)?.value);
  if (minutes) {
    const again = () => limbasMultiframePreview(id, type, 0, 0, gtabid, params);
    refreshMultiPreview[id] = setInterval(again, minutes * 60_000);
  }
}

function limbasMultiframePreviewPost(text, id) {
  $(`#limbasDivMultiframePreview${id}`).html(text).show();
}

function limbasMultiframeCount() {
  ajaxGet(0, "main_dyns.php", "multiframeCount", null, (text) => {
    for (const [id, count] of Object.entries(JSON.parse(text).count ?? {})) {
      $(`#multiframeCount_${id}`).text(count).toggleClass("d-none", !(count > 0));
    }
  });
}

addEventListener("DOMContentLoaded", () => {
  for (const handle of document.querySelectorAll("[data-hideshow-sidebars]")) {
    handle.addEventListener("click", () => {
      const right = handle.dataset.hideshowSidebars === "multi";
      const folds = handle.classList.contains("evt-hide-frame");
      const [shown, hidden] = right ? ["multiframe", "hiddenmultiframe"] : ["sidenav", "hiddensidenav"];
      document.getElementById(shown).style.display = folds ? "none" : "";
      document.getElementById(hidden).style.display = folds ? "" : "none";
      handle.closest(".mainsidebar").classList.toggle("open", !folds);
      if (right) noMoreRefresh = Number(folds);
    });
  }
  limbasMultiframeCount();
});

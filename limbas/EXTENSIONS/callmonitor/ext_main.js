/**
 * Limbas loads this on every page in its main frame. A click on a phone number goes to the script in the top document.
 *
 * Limbas' own `openPhone_` loses the number on the way to the server, and puts it into an address.
 */
(function () {
  "use strict";

  var stock = window.openPhone_;

  window.openPhone_ = function (number) {
    var said;
    try {
      said = new window.top.CustomEvent("callmonitor:dial", { detail: String(number), cancelable: true });
      if (!window.top.document.dispatchEvent(said)) return; // taken
    } catch (error) {
      // Limbas itself is in somebody else's frame: it has no top document of ours.
    }
    if (stock) stock(number);
  };
})();

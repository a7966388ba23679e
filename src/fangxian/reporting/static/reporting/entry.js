// A report form: "not known" empties and closes its field; typing a number takes the tick away.
(function () {
  "use strict";
  document.querySelectorAll("[data-unknown]").forEach(function (tick) {
    var field = document.getElementById(tick.dataset.unknown);
    function follow() {
      field.readOnly = tick.checked;
      if (tick.checked) {
        field.value = "";
      }
    }
    tick.addEventListener("change", follow);
    follow();
  });
  var first = document.querySelector("[aria-invalid='true']");
  if (first) {
    first.focus();
  }
})();

// Drag and drop for the upload, and the name of the chosen file.
(function () {
  "use strict";

  var zone = document.querySelector("[data-drop]");
  var input = document.getElementById("file");
  var chosen = document.querySelector("[data-chosen]");
  if (!zone || !input) {
    return;
  }

  function show() {
    chosen.textContent = input.files.length ? input.files[0].name : chosen.dataset.none;
  }

  ["dragenter", "dragover"].forEach(function (name) {
    zone.addEventListener(name, function (event) {
      event.preventDefault();
      zone.classList.add("fx-drop-over");
    });
  });
  ["dragleave", "drop"].forEach(function (name) {
    zone.addEventListener(name, function (event) {
      event.preventDefault();
      zone.classList.remove("fx-drop-over");
    });
  });
  zone.addEventListener("drop", function (event) {
    if (event.dataTransfer.files.length) {
      input.files = event.dataTransfer.files;
      show();
    }
  });
  input.addEventListener("change", show);
  input.form.addEventListener("submit", function () {
    input.form.querySelector("button").disabled = true;
  });
  show();
})();

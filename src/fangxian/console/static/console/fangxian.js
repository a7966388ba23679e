// What every page needs: the theme switch, countdowns, and saying when the page is at rest.
(function () {
  "use strict";

  function toggleTheme() {
    var root = document.documentElement;
    var next = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
    root.setAttribute("data-bs-theme", next);
    try {
      window.localStorage.setItem("fangxian-theme", next);
    } catch (refused) {
      // The choice holds for this page only.
    }
    document.dispatchEvent(new CustomEvent("fangxian:theme", { detail: next }));
  }

  function inWords(seconds, wording) {
    var minutes = Math.floor(seconds / 60);
    var hours = Math.floor(minutes / 60);
    return hours > 0
      ? wording.hours.replace("{h}", hours).replace("{m}", minutes % 60)
      : wording.minutes.replace("{m}", minutes);
  }

  // <time data-deadline="ISO instant" data-hours="{h} h {m} min" data-minutes="{m} min" data-over="...">
  function countDown() {
    document.querySelectorAll("[data-deadline]").forEach(function (place) {
      var left = (new Date(place.dataset.deadline) - Date.now()) / 1000;
      place.textContent =
        left > 0 ? inWords(left, { hours: place.dataset.hours, minutes: place.dataset.minutes }) : place.dataset.over;
    });
  }

  document.addEventListener("click", function (event) {
    var target = event.target.closest("[data-theme-toggle], [data-print]");
    if (!target) {
      return;
    }
    if (target.hasAttribute("data-theme-toggle")) {
      toggleTheme();
    } else if (target.hasAttribute("data-print")) {
      window.print();
    }
  });

  // A filter that changes its page at once: <select data-go> inside a GET form.
  document.addEventListener("change", function (event) {
    if (event.target.matches("[data-go]")) {
      event.target.form.requestSubmit();
    }
  });

  countDown();
  window.setInterval(countDown, 30000);
  document.documentElement.setAttribute("data-ready", "yes");
})();

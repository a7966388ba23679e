// Before anything is drawn: the theme that this person chose on this machine.
(function () {
  try {
    var chosen = window.localStorage.getItem("fangxian-theme");
    if (chosen === "dark" || chosen === "light") {
      document.documentElement.setAttribute("data-bs-theme", chosen);
    }
  } catch (refused) {
    // Storage is closed to us: the light theme stays.
  }
})();

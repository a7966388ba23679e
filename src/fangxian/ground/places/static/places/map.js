// Outlines of places without any tile server: each leads to its page.
(function () {
  "use strict";

  var OUTLINE = { color: "#1b5fa7", weight: 1.5, fillColor: "#9cc4ee", fillOpacity: 0.35 };
  var NAMES_AT_MOST = { zh: 40, en: 12 };

  function nameOf(feature, language) {
    var said = feature.properties;
    return language.indexOf("zh") === 0 ? said.name : said.name_en || said.name;
  }

  function addOutline(feature, layer, place) {
    var language = place.holder.dataset.language.slice(0, 2);
    var many = place.count > NAMES_AT_MOST[language] || place.holder.clientWidth < 420;
    layer.bindTooltip(nameOf(feature, place.holder.dataset.language), {
      permanent: !many, direction: "center", className: many ? "" : "places-name",
    });
    layer.on("mouseover", function () { layer.setStyle({ fillOpacity: 0.65 }); });
    layer.on("mouseout", function () { layer.setStyle({ fillOpacity: OUTLINE.fillOpacity }); });
    layer.on("click", function () { window.location.href = place.holder.dataset.link + feature.id + "/"; });
  }

  function say(outlines) {
    var line = document.querySelector("[data-places-map-sources]");
    var words = outlines.features.length
      ? line.dataset.label + " " + outlines.sources.join("; ") + "."
      : line.dataset.none;
    if (outlines.features.length && outlines.without_outline.length) {
      words += " " + line.dataset.lacking + " " + outlines.without_outline.join(", ") + ".";
    }
    line.textContent = words;
  }

  function draw(holder, outlines) {
    say(outlines);
    if (!outlines.features.length) {
      holder.hidden = true;
      return;
    }
    var map = window.L.map(holder, { attributionControl: false, zoomSnap: 0.25, scrollWheelZoom: false });
    var place = { holder: holder, count: outlines.features.length };
    var layer = window.L.geoJSON(outlines, {
      style: OUTLINE,
      onEachFeature: function (feature, one) { addOutline(feature, one, place); },
    }).addTo(map);
    map.fitBounds(layer.getBounds(), { padding: [8, 8] });
    holder.dataset.drawn = String(outlines.features.length);
  }

  document.querySelectorAll("[data-places-map]").forEach(function (holder) {
    window.fetch(holder.dataset.url, { credentials: "same-origin" }).then(function (answer) {
      if (!answer.ok) {
        throw new Error(String(answer.status));
      }
      return answer.json();
    }).then(function (outlines) {
      draw(holder, outlines);
    }).catch(function () {
      say({ features: [], sources: [], without_outline: [] });
      holder.hidden = true;
    });
  });
})();

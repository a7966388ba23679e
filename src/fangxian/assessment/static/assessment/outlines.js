// The map of the places below: colours come with the page, outlines beside it, so that figures never wait.
(function () {
  "use strict";

  var NAMESPACE = "http://www.w3.org/2000/svg";
  var INK = "#1f2d3d", EDGE = "#7b8794", LABELLED_AT_MOST = 24;
  var holder = document.querySelector("[data-map]");
  if (!holder) {
    return;
  }
  var places = JSON.parse(document.getElementById("brief-map").textContent);

  function element(name, attributes, text) {
    var made = document.createElementNS(NAMESPACE, name);
    Object.keys(attributes).forEach(function (key) {
      made.setAttribute(key, attributes[key]);
    });
    made.textContent = text || "";
    return made;
  }

  function rings(geometry) {
    var polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
    return polygons.reduce(function (all, polygon) {
      return all.concat(polygon);
    }, []);
  }

  function projection(features) {
    var west = 180, east = -180, south = 90, north = -90;
    features.forEach(function (feature) {
      rings(feature.geometry).forEach(function (ring) {
        ring.forEach(function (point) {
          west = Math.min(west, point[0]);
          east = Math.max(east, point[0]);
          south = Math.min(south, point[1]);
          north = Math.max(north, point[1]);
        });
      });
    });
    var squeeze = Math.cos(((south + north) / 2) * Math.PI / 180);
    var scale = Math.min(330 / Math.max((east - west) * squeeze, 1e-9), 250 / Math.max(north - south, 1e-9));
    function at(point) {
      return [((point[0] - west) * squeeze * scale + 2), ((north - point[1]) * scale + 2)];
    }
    at.width = (east - west) * squeeze * scale + 4;
    at.height = (north - south) * scale + 4;
    return at;
  }

  function path(feature, at) {
    return rings(feature.geometry).map(function (ring) {
      return "M" + ring.map(function (point) {
        return at(point).map(function (value) {
          return value.toFixed(1);
        }).join(" ");
      }).join("L") + "Z";
    }).join("");
  }

  function middle(feature, at) {
    var biggest = rings(feature.geometry).reduce(function (one, other) {
      return other.length > one.length ? other : one;
    });
    var sum = biggest.reduce(function (total, point) {
      return [total[0] + point[0], total[1] + point[1]];
    }, [0, 0]);
    return at([sum[0] / biggest.length, sum[1] / biggest.length]);
  }

  function isDark(colour) {
    return parseInt(colour.slice(1, 3), 16) < 0x80;
  }

  function draw(features) {
    var at = projection(features);
    var title = holder.firstElementChild.textContent;
    var size = "0 0 " + at.width.toFixed(0) + " " + at.height.toFixed(0);
    var svg = element("svg", { "class": "map", viewBox: size, role: "group", "aria-label": title });
    var labels = [];
    features.forEach(function (feature) {
      var place = places[feature.properties.code];
      var said = place.name + " " + (place.value === null ? "—" : place.value.toFixed(1));
      var link = element("a", { href: place.href, "aria-label": said });
      var shape = element("path", {
        d: path(feature, at), fill: place.colour, "fill-rule": "evenodd", stroke: EDGE, "stroke-width": "0.6"
      });
      if (place.value === null) {
        shape.setAttribute("stroke-dasharray", "3 2");
      }
      shape.appendChild(element("title", {}, said));
      link.appendChild(shape);
      svg.appendChild(link);
      if (features.length <= LABELLED_AT_MOST) {
        var centre = middle(feature, at);
        labels.push(element("text", {
          x: centre[0].toFixed(1), y: (centre[1] + 2).toFixed(1), "font-size": "7", "text-anchor": "middle",
          "pointer-events": "none", fill: isDark(place.colour) ? "#fff" : INK
        }, place.name));
      }
    });
    labels.forEach(function (label) {
      svg.appendChild(label);
    });
    holder.querySelector(".ab-map").replaceChildren(svg);
    holder.hidden = false;
  }

  fetch(holder.dataset.map, { headers: { Accept: "application/json" } })
    .then(function (answer) {
      return answer.ok ? answer.json() : { features: [] };
    })
    .then(function (found) {
      var known = found.features.filter(function (feature) {
        return feature.properties.code in places;
      });
      if (known.length) {
        draw(known);
      }
    });
})();

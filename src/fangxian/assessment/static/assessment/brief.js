// The curves of the brief: a gap in the data is a gap in the curve.
(function () {
  "use strict";

  var holder = document.getElementById("brief-charts");
  if (!holder || !window.echarts) {
    return;
  }
  var charts = JSON.parse(holder.textContent);
  var drawn = [];

  function days(chart) {
    var first = new Date(chart.first_day + "T00:00:00Z");
    return chart.values.map(function (_, index) {
      return new Date(first.getTime() + index * 86400000).toISOString().slice(0, 10);
    });
  }

  function absentIsNull(values) {
    return values.map(function (value) {
      return value === null ? "-" : value;
    });
  }

  function line(name, values, extra) {
    return Object.assign({ name: name, type: "line", data: absentIsNull(values), showSymbol: false, connectNulls: false }, extra);
  }

  function series(chart, blue) {
    if (chart.kind === "reproduction") {
      var width = chart.upper.map(function (upper, index) {
        return upper === null ? null : upper - chart.lower[index];
      });
      var hidden = { lineStyle: { opacity: 0 }, stack: "interval", silent: true, tooltip: { show: false } };
      return [
        line("lower", chart.lower, hidden),
        line(chart.words.mean, width, Object.assign({ areaStyle: { color: blue, opacity: 0.2 } }, hidden)),
        line(chart.words.value, chart.values, {
          lineStyle: { color: blue, width: 2 },
          itemStyle: { color: blue },
          markLine: { silent: true, symbol: "none", lineStyle: { color: "#b42318" }, data: [{ yAxis: 1 }], label: { show: false } }
        })
      ];
    }
    if (chart.kind === "daily_count") {
      return [
        { name: chart.words.value, type: "bar", data: absentIsNull(chart.values), itemStyle: { color: "#a9c4e4" } },
        line(chart.words.mean, chart.mean, { lineStyle: { color: blue, width: 2 }, itemStyle: { color: blue } })
      ];
    }
    return [line(chart.words.value, chart.values, { lineStyle: { color: blue, width: 2 }, itemStyle: { color: blue } })];
  }

  function draw() {
    drawn.forEach(function (chart) {
      chart.dispose();
    });
    var dark = document.documentElement.getAttribute("data-bs-theme") === "dark";
    var blue = dark ? "#7fbcff" : "#0b4f8a";
    drawn = charts.map(function (chart) {
      var place = document.querySelector('[data-chart="' + chart.id + '"]');
      var one = window.echarts.init(place, dark ? "dark" : null, { renderer: "svg" });
      one.setOption({
        animation: false,
        backgroundColor: "transparent",
        grid: { left: 8, right: 12, top: 12, bottom: 4, containLabel: true },
        tooltip: { trigger: "axis", valueFormatter: chart.kind === "ratio" ? function (v) { return v === "-" ? "—" : (100 * v).toFixed(1) + "%"; } : undefined },
        xAxis: { type: "category", data: days(chart), axisLabel: { formatter: function (day) { return day.slice(5); } } },
        yAxis: { type: "value", min: 0, max: chart.kind === "reproduction" ? function (range) { return Math.min(5, Math.max(2, Math.ceil(range.max))); } : null,
          axisLabel: chart.kind === "ratio" ? { formatter: function (v) { return (100 * v).toFixed(0) + "%"; } } : {} },
        series: series(chart, blue)
      });
      return one;
    });
    document.documentElement.setAttribute("data-charts", "ready");
  }

  draw();
  document.addEventListener("fangxian:theme", draw);
  window.addEventListener("resize", function () {
    drawn.forEach(function (chart) {
      chart.resize();
    });
  });
})();

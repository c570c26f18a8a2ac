"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const map = byId("map"), field = byId("field"), cursor = byId("cursor"), tip = byId("tip"), canvas = byId("canvas");
  const number = (n) => n.toLocaleString("en-US");
  const steps = data.steps.length;
  const stepNumber = (step) => number(Math.min(data.first + step * data.every, data.total - 1));
  // spans: [tenant, first row, last row, offset, bytes, start, stop, strip?]
  // kept: the same of slots that are kept, without rows; scratch is only there
  const at = (step, pieces = data.spans) => pieces.filter((s) => s[5] <= step && step < s[6]);
  let now = { step: 0, span: null };

  function x(step) {
    const seg = data.segments.find((s) => step < s[2]);
    return seg ? seg[3] + (step - seg[1]) * (seg[4] - seg[3]) / (seg[2] - seg[1]) : data.width;
  }
  function stepAt(position) {
    const seg = data.segments.find((s) => position < s[4]) || data.segments[data.segments.length - 1];
    const inside = Math.floor((position - seg[3]) / (seg[4] - seg[3]) * (seg[2] - seg[1]));
    return seg[1] + Math.max(0, Math.min(seg[2] - seg[1] - 1, inside));
  }
  function rowsText(tenant, first, last) {
    const height = data.tenants[tenant][4];
    if (!height || first === last) return "";
    if (first === 0 && last === height) return height === 1 ? "" : `all ${number(height)} rows`;
    return last - first === 1 ? `row ${first}` : `rows ${first} to ${last - 1}`;
  }
  function element(name, text, style) {
    const made = document.createElement(name);
    made.textContent = text;
    if (style) made.className = style;
    return made;
  }
  function accesses(list) {
    const parts = [];
    for (let i = 0; i < list.length; i += 3) {
      const rows = rowsText(list[i], list[i + 1], list[i + 2]);
      parts.push(`${rows}${rows ? " of " : ""}${data.tenants[list[i]][0]}`);
    }
    return parts.join(", ");
  }
  function box(style, left, right, offset, bytes) {
    const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    rect.setAttribute("class", style);
    rect.setAttribute("x", left);
    rect.setAttribute("width", right - left);
    rect.setAttribute("y", data.arena - offset - bytes);
    rect.setAttribute("height", bytes);
    cursor.append(rect);
  }
  function markRows(style, list, alive, left, right) {
    for (let i = 0; i < list.length; i += 3) {
      const [tenant, first, last] = list.slice(i, i + 3);
      for (const s of alive) {
        if (s[0] !== tenant || s[2] <= first || last <= s[1]) continue;
        const pitch = s[4] / (s[2] - s[1]);
        const low = Math.max(first, s[1]), high = Math.min(last, s[2]);
        box(style, left, right, s[3] + (low - s[1]) * pitch, (high - low) * pitch);
      }
    }
  }
  function spanText(span) {
    const kept = span[1] === span[2] ? "kept: " : "";
    const strip = kept ? null : data.tenants[span[0]][3][span[7] || 0];
    const rows = rowsText(span[0], span[1], span[2]);
    const columns = strip ? `columns ${strip[0]} to ${strip[1] - 1}, ` : "";
    return `${kept}${rows}${rows ? ", " : ""}${columns}${number(span[4])} bytes at ${number(span[3])}, ` +
      `steps ${stepNumber(span[5])} to ${stepNumber(span[6] - 1)}`;
  }
  function emphasise(tenant) {
    for (const group of document.querySelectorAll("#field .spans, #field .kept")) {
      group.classList.toggle("some", tenant !== null);
      for (const path of group.children) path.classList.toggle("on", Number(path.dataset.t) === tenant);
    }
  }
  function show(step, span) {
    now = { step, span };
    const [op, reads, writes] = data.steps[step];
    const alive = at(step), before = at(Math.max(0, step - 1));
    const least = data.width * 3 / Math.max(map.clientWidth, 1);
    const left = x(step), right = Math.max(x(step + 1), left + least);
    cursor.replaceChildren();
    box("column", left, right, 0, data.arena);
    markRows("read", reads, alive.concat(before), left, right);
    markRows("write", writes, alive, left, right);
    const stage = data.segments.find((s) => step < s[2]);
    byId("at-step").textContent = `Step ${stepNumber(step)} of ${number(data.total)}`;
    byId("at-op").textContent = typeof op === "number" ? `${data.ops[op][0]} ${data.ops[op][1]}` : op;
    byId("at-op").append(`, stage ${stage[0] + 1}; ${number(data.held[step])} bytes held, ` +
      `${number(data.live[step])} of them with data`);
    const told = byId("at-access");
    told.replaceChildren();
    if (reads.length) told.append(element("span", "reads", "read-word"), ` ${accesses(reads)} `);
    if (writes.length) told.append(element("span", "writes", "write-word"), ` ${accesses(writes)}`);
    const tensor = byId("at-tensor");
    tensor.replaceChildren();
    if (span) {
      tensor.append(element("b", data.tenants[span[0]][0]), `: ${spanText(span)}. ${data.tenants[span[0]][1]}.`);
    } else {
      tensor.append("nothing here");
    }
    emphasise(span ? span[0] : null);
  }
  function showTip(event) {
    tip.replaceChildren();
    if (now.span) tip.append(element("b", data.tenants[now.span[0]][0]), element("div", spanText(now.span)));
    tip.append(element("div", `${byId("at-step").textContent}: ${byId("at-op").textContent.split(", stage")[0]}`));
    tip.hidden = false;
    const room = tip.getBoundingClientRect();
    tip.style.left = `${Math.max(4, Math.min(event.clientX + 16, innerWidth - room.width - 8))}px`;
    tip.style.top = `${event.clientY + 18 + room.height > innerHeight ? event.clientY - room.height - 12 : event.clientY + 18}px`;
  }
  function leave() {
    tip.hidden = true;
    cursor.replaceChildren();
    emphasise(null);
  }

  map.addEventListener("pointermove", (event) => {
    const area = field.getBoundingClientRect();
    const step = stepAt((event.clientX - area.left) / area.width * data.width);
    const byte = data.arena - (event.clientY - area.top) / area.height * data.arena;
    const there = (s) => s[3] <= byte && byte < s[3] + s[4];
    show(step, at(step).find(there) || at(step, data.kept).find(there) || null);
    showTip(event);
  });
  map.addEventListener("pointerleave", leave);
  map.addEventListener("focus", () => show(now.step, now.span));
  map.addEventListener("blur", leave);
  map.addEventListener("keydown", (event) => {
    const far = event.shiftKey ? 10 : 1;
    const moves = { ArrowLeft: -far, ArrowRight: far, Home: -steps, End: steps };
    if (event.key in moves) {
      const step = Math.max(0, Math.min(steps - 1, now.step + moves[event.key]));
      const same = now.span && at(step).filter((s) => s[0] === now.span[0]);
      show(step, same && same.length ? same[0] : null);
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      const alive = at(now.step).sort((a, b) => a[3] - b[3]);
      const place = alive.findIndex((s) => now.span && s[0] === now.span[0] && s[3] === now.span[3]);
      const next = event.key === "ArrowUp" ? place + 1 : place < 0 ? alive.length - 1 : place - 1;
      show(now.step, alive[next] || null);
    } else if (event.key === "Escape") {
      leave();
    } else {
      return;
    }
    tip.hidden = true;
    event.preventDefault();
    const scroller = canvas.parentElement, position = x(now.step) / data.width * map.clientWidth;
    if (position < scroller.scrollLeft || position > scroller.scrollLeft + scroller.clientWidth) {
      scroller.scrollLeft = position - scroller.clientWidth / 2;
    }
  });

  const zooms = [...document.querySelectorAll("[data-zoom]")];
  function zoom(factor) {
    const scroller = canvas.parentElement;
    const middle = (scroller.scrollLeft + scroller.clientWidth / 2) / map.clientWidth;
    canvas.style.width = `${factor * 100}%`;
    for (const b of zooms) b.setAttribute("aria-pressed", String(Number(b.dataset.zoom) === factor));
    scroller.scrollLeft = middle * map.clientWidth - scroller.clientWidth / 2;
  }
  for (const button of zooms) button.addEventListener("click", () => zoom(Number(button.dataset.zoom)));
  byId("to-peak").addEventListener("click", () => {
    const scroller = canvas.parentElement;
    scroller.scrollLeft = x(data.peak) / data.width * map.clientWidth - scroller.clientWidth / 2;
    show(data.peak, null);
  });

  for (const row of document.querySelectorAll("table.sortable tbody tr")) {
    const tenant = Number(row.dataset.t);
    row.addEventListener("pointerenter", () => tenant >= 0 && emphasise(tenant));
    row.addEventListener("pointerleave", () => emphasise(null));
  }
  show(data.peak, null);
  cursor.replaceChildren();
})();

package display

// tableClass marks the tables that tableScript looks for.
const tableClass = "goparallel-rows"

// tableScript lets the rows of tables be sorted, by a click on a column's name, and filtered.
// Where scripts of notebooks are not run, as in one that is not trusted, the table is there
// without them, because the script makes all that it needs. It asks nobody outside the page, and
// it is the same text for all tables, so that notebooks do not change with each run.
const tableScript = `<script>(() => {
for (const table of document.querySelectorAll("table.` + tableClass + `:not([data-live])")) {
  table.dataset.live = "";
  const body = table.tBodies[0], rows = [...body.rows], heads = [...table.tHead.rows[0].cells];
  const text = (row, i) => row.cells[i] ? row.cells[i].textContent.trim() : "";
  const gap = row => text(row, 0) === "` + gap + `";
  const words = new Intl.Collator(undefined, {numeric: true});
  let column = -1, down = false, wanted = "";
  const show = () => {
    let list = rows;
    if (column >= 0) {
      list = rows.filter(row => !gap(row));
      const numbers = list.every(row => !isNaN(Number(text(row, column))));
      const order = (a, b) => numbers ? Number(a) - Number(b) : words.compare(a, b);
      list.sort((a, b) => order(text(a, column), text(b, column)) * (down ? -1 : 1));
    }
    if (wanted) list = list.filter(row => !gap(row) && row.textContent.toLowerCase().includes(wanted));
    body.replaceChildren(...list);
    heads.forEach((head, i) => {
      head.lastChild.textContent = i !== column ? "" : down ? " ▼" : " ▲";
      head.setAttribute("aria-sort", i !== column ? "none" : down ? "descending" : "ascending");
    });
  };
  heads.forEach((head, i) => {
    head.append(document.createElement("span"));
    head.style.cursor = "pointer";
    head.title = "sort the rows that are shown";
    head.onclick = () => {
      if (column !== i) [column, down] = [i, false];
      else if (!down) down = true;
      else column = -1;
      show();
    };
  });
  if (rows.length > 7) {
    const field = document.createElement("input");
    field.type = "search";
    field.placeholder = "filter";
    field.setAttribute("aria-label", "filter the rows that are shown");
    field.style.cssText = "margin-bottom: 0.3em; padding: 0.1em 0.4em; font: inherit; font-size: 90%; color: inherit; background: transparent; border: 1px solid rgba(128, 128, 128, 0.5); border-radius: 3px";
    field.oninput = () => { wanted = field.value.toLowerCase(); show(); };
    field.onkeydown = event => event.stopPropagation();
    table.parentNode.before(field);
  }
}
})()</script>`

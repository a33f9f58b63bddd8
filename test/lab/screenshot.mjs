// screenshot.mjs – make the picture of README.md in a running JupyterLab 4: a cell with its table, a plot, and a completion that
// is being chosen. On the way it looks whether the link of an error puts the cursor on the line.
//
//   LAB_URL=http://127.0.0.1:8897/lab LAB_TOKEN=… NOTEBOOKS=folder SHOT=docs/jupyterlab.png PLAYWRIGHT=folder node screenshot.mjs
//
// NOTEBOOKS is the folder that JupyterLab shows. The exit status is 0 when all of this is on the screen.
import { createRequire } from 'node:module';
import { writeFileSync } from 'node:fs';
const { LAB_URL, LAB_TOKEN, NOTEBOOKS, SHOT, PLAYWRIGHT, CHROMIUM = '/usr/bin/chromium' } = process.env;
const { chromium } = createRequire(PLAYWRIGHT + '/')('playwright-core');

const cells = [
  `type city struct {\n\tName   string\n\tPeople int\n}\ncities := []city{{"Bern", 134_000}, {"Graz", 292_000}, {"Lyon", 522_000}, {"Turin", 851_000}}\ncities`,
  `xs, ys := make([]float64, 300), make([]float64, 300)\nfor i := range xs {\n\txs[i] = float64(i) / 15\n\tys[i] = math.Exp(-xs[i]/8) * math.Sin(xs[i])\n}\nplots.Line(xs, ys)`,
  ``,
  `func at(i int) city {\n\treturn cities[i]\n}`,
  `at(7)\n`,
];
const notebook = {
  cells: cells.map((source, i) => ({ cell_type: 'code', id: `cell-${i}`, metadata: {}, source, outputs: [], execution_count: null })),
  metadata: { kernelspec: { name: 'goparallel', display_name: 'Go (goparallel)', language: 'go' } }, nbformat: 4, nbformat_minor: 5,
};
writeFileSync(`${NOTEBOOKS}/cities.ipynb`, JSON.stringify(notebook));

const browser = await chromium.launch({ executablePath: CHROMIUM, headless: true, args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-sync'] });
const page = await (await browser.newContext({ viewport: { width: 960, height: 1130 } })).newPage();
page.setDefaultTimeout(120000);
let failed = false;
const book = what => page.evaluate(what);
try {
  await page.goto(`${LAB_URL}/tree/cities.ipynb?reset&token=${encodeURIComponent(LAB_TOKEN)}`);
  await page.waitForSelector('#jupyterlab-splash', { state: 'detached' });
  await page.locator('.jp-NotebookPanel:visible .jp-CodeCell').first().waitFor();
  const idle = page.locator('#jp-main-statusbar').getByText('Go (goparallel) | Idle').first();
  await idle.waitFor();
  await book(() => window.jupyterapp.shell.collapseLeft());
  for (const i of [0, 1, 3, 4]) {
    await page.evaluate(i => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = i; return window.jupyterapp.commands.execute('notebook:run-cell').catch(() => {}); }, i);
    await idle.waitFor();
  }
  // The panic of the last cell names a line of the one before.
  const link = page.locator('a', { hasText: 'cell[3], line 2' }).first();
  await link.scrollIntoViewIfNeeded();
  await link.click();
  await page.waitForFunction(() => {
    const content = window.jupyterapp.shell.currentWidget.content;
    return content.activeCellIndex === 3 && content.mode === 'edit' && content.activeCell.editor.getCursorPosition().line === 1;
  });
  // The picture is of the cells above it.
  await book(() => { const c = window.jupyterapp.shell.currentWidget.content; c.mode = 'command'; c.model.sharedModel.deleteCellRange(3, 5); c.activeCellIndex = 2; c.mode = 'edit'; });
  await page.keyboard.type('strings.Fi');
  await page.keyboard.press('Tab');
  const completer = page.locator('.jp-Completer:visible .jp-Completer-item').first();
  await completer.waitFor();
  await book(() => { document.querySelector('.jp-Notebook').scrollTop = 0; document.querySelector('.jp-WindowedPanel-outer')?.scrollTo(0, 0); });
  await page.waitForTimeout(1000);
  const table = page.locator('.jp-OutputArea table:visible').first(), plot = page.locator('.jp-OutputArea .jp-RenderedSVG img:visible, .jp-OutputArea .jp-RenderedSVG svg:visible').first();
  for (const [name, part] of Object.entries({ table, plot, completer })) {
    const box = await part.boundingBox();
    if (!box || box.y < 0 || box.y + 20 > 1130) throw new Error(`the ${name} is not on the screen: ${JSON.stringify(box)}`);
  }
} catch (e) {
  failed = true;
  console.log('FAIL:', e.message);
}
await page.screenshot({ path: SHOT });
await book(async () => { await window.jupyterapp?.shell.currentWidget?.sessionContext?.shutdown(); }).catch(() => {});
await browser.close();
process.exit(failed ? 1 : 0);

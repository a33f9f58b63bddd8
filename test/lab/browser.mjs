// browser.mjs – open a notebook in a running JupyterLab 4 with headless Chromium, run all of its cells, and look at what is on
// the screen.
//
//   LAB_URL=http://127.0.0.1:8897/lab LAB_TOKEN=… NOTEBOOK=01.ipynb SHOT=plot.png PLAYWRIGHT=folder node browser.mjs
//
// PLAYWRIGHT is the folder in which "npm install playwright-core" was run. The exit status is 0 when every cell ran without
// error and a plot is visible.
import { createRequire } from 'node:module';
const { LAB_URL, LAB_TOKEN, NOTEBOOK, SHOT, PLAYWRIGHT, CHROMIUM = '/usr/bin/chromium' } = process.env;
const { chromium } = createRequire(PLAYWRIGHT + '/')('playwright-core');
const patience = Number(process.env.PATIENCE_MS || 300000);
const began = Date.now();
const log = (...words) => console.log(((Date.now() - began) / 1000).toFixed(1).padStart(6) + ' s', ...words);

const browser = await chromium.launch({
  executablePath: CHROMIUM, headless: true,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
page.setDefaultTimeout(patience);
page.on('pageerror', e => log('page error:', e.message));
let failed = false;
try {
  // "reset" drops what an earlier run had open.
  await page.goto(`${LAB_URL}/tree/${NOTEBOOK}?reset&token=${encodeURIComponent(LAB_TOKEN)}`);
  await page.waitForSelector('#jupyterlab-splash', { state: 'detached' });
  const notebook = page.locator('.jp-NotebookPanel:visible').last();
  await notebook.locator('.jp-CodeCell').first().waitFor();
  // The toolbar shows an idle kernel before one is attached; the status bar does not.
  await page.locator('#jp-main-statusbar').getByText('Go (goparallel) | Idle').first().waitFor();
  log('notebook open, kernel idle');

  await page.evaluate(() => window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs'));
  await page.evaluate(() => window.jupyterapp.commands.execute('notebook:run-all-cells'));
  // Cells out of sight are not drawn: ask the notebook's model, not the page.
  const state = () => page.evaluate(() => {
    const cells = [...window.jupyterapp.shell.currentWidget.content.model.cells].filter(c => c.type === 'code' && c.sharedModel.getSource().trim());
    const errors = cells.flatMap(c => c.outputs.toJSON()).filter(o => o.output_type === 'error').map(o => [o.ename, o.evalue, ...o.traceback].join('\n'));
    return { all: cells.length, run: cells.filter(c => c.executionCount !== null).length, errors };
  });
  let now = await state();
  for (const deadline = Date.now() + patience; now.run < now.all && !now.errors.length; now = await state()) {
    if (Date.now() > deadline) throw new Error(`${now.run} of ${now.all} cells ran in ${patience / 1000} s`);
    await page.waitForTimeout(500);
  }
  if (now.errors.length) throw new Error(`a cell failed:\n${now.errors[0]}`);
  await page.locator('#jp-main-statusbar').getByText('Go (goparallel) | Idle').first().waitFor();
  log(`${now.run} cells ran`);

  // Bring the first cell that shows a picture to the screen.
  const at = await page.evaluate(() => {
    const content = window.jupyterapp.shell.currentWidget.content;
    const at = [...content.model.cells].findIndex(c => c.type === 'code' && c.outputs.toJSON().some(o => o.data && (o.data['image/svg+xml'] || o.data['image/png'])));
    if (at >= 0) { content.activeCellIndex = at; content.scrollToItem(at, 'start'); }
    return at;
  });
  if (at < 0) throw new Error('no cell shows a plot');
  const plot = notebook.locator('.jp-Cell.jp-mod-active .jp-RenderedSVG img, .jp-Cell.jp-mod-active .jp-RenderedSVG svg, .jp-Cell.jp-mod-active .jp-RenderedImage img').first();
  await plot.scrollIntoViewIfNeeded();
  const box = await plot.boundingBox();
  const drawn = await plot.evaluate(e => e.tagName !== 'IMG' || (e.complete && e.naturalWidth > 0));
  if (!drawn || !box || box.width < 200 || box.height < 150) throw new Error(`the plot is not drawn: ${JSON.stringify({ drawn, box })}`);
  log(`plot on screen, ${Math.round(box.width)} × ${Math.round(box.height)} pixels`);
} catch (e) {
  failed = true;
  log('FAIL:', e.message);
}
await page.screenshot({ path: SHOT });
log('screenshot', SHOT);
await page.evaluate(async () => { await window.jupyterapp?.shell.currentWidget?.sessionContext?.shutdown(); }).catch(() => {});
await browser.close();
process.exit(failed ? 1 : 0);

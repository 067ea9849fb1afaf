// Opens a page of a review in headless Chromium, uses it as a reader does, and prints what it saw as one JSON object.
// node page.mjs PAGE FOLDER: the pictures go into FOLDER. TMPDIR is where the browser is unpacked.
import { join } from "node:path";
import { pathToFileURL } from "node:url";

// Else it would look for its libraries on this machine, which need not have any.
process.env.AWS_EXECUTION_ENV = "AWS_Lambda_nodejs22.x";
const { default: packed } = await import("@sparticuz/chromium");
const { chromium } = await import("playwright-core");

const [file, folder] = process.argv.slice(2);
// What its makers turn off to fit into a Lambda function stays on: a page must hold under a browser's own rules.
const weakened = new Set(["--disable-web-security", "--allow-running-insecure-content", "--single-process"]);
const browser = await chromium.launch({
  executablePath: await packed.executablePath(),
  args: packed.args.filter((argument) => !weakened.has(argument)),
  headless: true,
});
const errors = [];
const requests = [];

async function opened(options, where = file) {
  const context = await browser.newContext({ offline: true, viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.on("console", (said) => { if (["error", "warning"].includes(said.type())) errors.push(said.text()); });
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("dialog", (dialog) => { errors.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(pathToFileURL(where).href);
  return page;
}

const visible = (page) => page.evaluate(() =>
  [...document.querySelectorAll(".row")].filter((row) => row.offsetParent).map((row) => ({
    verdict: row.dataset.verdict,
    stages: row.dataset.stages,
    title: (row.querySelector(".title") || row).textContent,
  })));
const openRows = (page) => page.locator("details.row[open]").count();
const focused = (page) => page.evaluate(() => {
  const row = document.activeElement.closest(".row");
  return row ? [...document.querySelectorAll(".row")].indexOf(row) : document.activeElement.id || document.activeElement.tagName;
});
const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
const background = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

// Of a page that is very long, its beginning: no more fits into one picture.
async function picture(shown, name) {
  const height = await shown.evaluate(() => document.documentElement.scrollHeight);
  await shown.screenshot({ path: join(folder, `${name}.png`), fullPage: height <= 6000 });
}

const seen = {};
const page = await opened({ colorScheme: "light" });
seen.title = await page.title();
seen.all = await visible(page);
seen.stages = await page.locator("button[data-filter=stage]").allTextContents();
seen.counted = await page.locator("#shown").textContent();
seen.light = await background(page);
await picture(page, "desktop-light");

await page.fill("#search", "DB_PASSWORD");
await page.waitForFunction((all) => document.getElementById("shown").textContent !== all, seen.counted);
seen.found = await visible(page);
await page.keyboard.press("Escape");
await page.waitForFunction((all) => document.getElementById("shown").textContent === all, seen.counted);
seen.cleared = (await visible(page)).length;

await page.click("button[data-filter=verdict][value=danger]");
seen.dangers = await visible(page);
await page.click("button[data-filter=stage][value='0']");
seen.dangersOfFirst = await visible(page);
await page.keyboard.press("Escape");
seen.unfiltered = (await visible(page)).length;

await page.click("#expand");
seen.expanded = await openRows(page);
await picture(page, "desktop-open");
await page.click("#collapse");
seen.collapsed = await openRows(page);

await page.evaluate(() => document.activeElement.blur());
seen.keys = [];
for (const key of ["j", "j", "ArrowDown", "k", "ArrowUp"]) {
  await page.keyboard.press(key);
  seen.keys.push(await focused(page));
}
await page.evaluate(() => document.querySelector("details.row > summary").focus());
await page.keyboard.press("Enter");
seen.entered = await openRows(page);
seen.outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
await page.keyboard.press("Escape");
seen.escaped = await openRows(page);
await page.keyboard.press("ArrowRight");
seen.right = await openRows(page);
await page.keyboard.press("ArrowLeft");
seen.left = await openRows(page);
await page.keyboard.press("/");
seen.slash = await focused(page);
await page.keyboard.type("/j");
seen.typed = await page.inputValue("#search");
await page.keyboard.press("Escape");

await page.click("#theme");
seen.toggled = await background(page);
await page.click("#theme");
seen.toggledBack = await background(page);

await page.emulateMedia({ media: "print" });
seen.printedTools = await page.locator(".tools").isVisible();
await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
seen.printedOpen = await openRows(page);
await page.evaluate(() => dispatchEvent(new Event("afterprint")));
seen.afterPrint = await openRows(page);
await page.emulateMedia({ media: "screen" });
seen.tableSeen = await page.evaluate(() => document.querySelectorAll(".picture svg").length);
seen.titleAtEnd = await page.title();
seen.strangers = await page.evaluate(() => ({
  scripts: document.scripts.length,
  images: document.images.length,
  handlers: [...document.querySelectorAll("*")].filter((one) => [...one.attributes].some((it) => it.name.startsWith("on"))).length,
}));
seen.blockedByPolicy = await page.evaluate(() => {
  const script = document.createElement("script");
  script.textContent = "document.title = 'owned'";
  document.body.append(script);
  return document.title;
});
// The policy says so in the console, which is what was asked for here.
errors.splice(0, errors.length, ...errors.filter((text) => !text.includes("Content Security Policy")));

const dark = await opened({ colorScheme: "dark" });
seen.dark = await background(dark);
await picture(dark, "desktop-dark");
const phone = await opened({ colorScheme: "light", viewport: { width: 390, height: 844 }, isMobile: true, deviceScaleFactor: 2 });
seen.phoneOverflow = await overflow(phone);
await picture(phone, "phone-light");
await phone.click("#expand");
seen.phoneOverflowOpen = await overflow(phone);
await phone.locator(".row[open]").first().scrollIntoViewIfNeeded();
await phone.screenshot({ path: join(folder, "phone-open.png") });
const plain = await opened({ javaScriptEnabled: false });
seen.withoutScript = await plain.locator(".row").first().isVisible() && !(await plain.locator(".tools").isVisible());
const printed = await opened({ colorScheme: "dark" });
await printed.pdf({ path: join(folder, "printed.pdf"), format: "A4", printBackground: true });

await browser.close();
seen.errors = errors;
seen.requests = requests.filter((url) => url !== pathToFileURL(file).href);
console.log(JSON.stringify(seen));

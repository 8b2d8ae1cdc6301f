"use strict";
// One item at a time. What was said is kept by the server at once; nothing is lost when the page is closed.

const GROUPS = { prompts: "机器说的话", values: "带数字和名字的话", surnames: "姓氏", places: "地名", terms: "数字和词语" };
const SURENESS = ["low", "medium", "high"];
const VERDICTS = { right: "对", wrong: "不对", better: "改" };
const token = document.querySelector("meta[name=review-token]").content;
const $ = (id) => document.getElementById(id);

let reviewer = "";
let items = [];
let queue = [];
let at = 0;
let player = null;
let heard = "";

async function ask(path, body) {
  const options = body
    ? { method: "POST", headers: { "Content-Type": "application/json", "X-Review-Token": token }, body: JSON.stringify(body) }
    : {};
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Error("连不上了。请看看命令窗口是不是关了。");
  }
  if (!answer.ok) throw new Error((await answer.json()).error);
  return answer;
}

function complain(error) {
  $("trouble").textContent = error.message;
}

async function begin(event) {
  event.preventDefault();
  $("door-trouble").textContent = "";
  try {
    const name = $("name").value.trim();
    items = await (await ask(`/api/items?reviewer=${encodeURIComponent(name)}`)).json();
    reviewer = name;
  } catch (error) {
    $("door-trouble").textContent = error.message;
    return;
  }
  $("door").hidden = true;
  $("desk").hidden = false;
  $("who").textContent = reviewer;
  for (const group of Object.keys(GROUPS).filter((name) => items.some((item) => item.group === name))) {
    $("group").add(new Option(GROUPS[group], group));
  }
  sort();
}

function sort() {
  const group = $("group").value;
  queue = items.filter((item) => item.group === group && !($("open-only").checked && item.verdict));
  if ($("unsure-first").checked) {
    queue.sort((a, b) => SURENESS.indexOf(a.sure) - SURENESS.indexOf(b.sure) || a.number - b.number);
  }
  at = 0;
  show();
}

function show() {
  stop();
  const item = queue[at];
  const group = items.filter((each) => each.group === $("group").value);
  const said = group.filter((each) => each.verdict).length;
  $("bar").style.width = `${(100 * said) / Math.max(group.length, 1)}%`;
  $("count").textContent = `听了 ${said} / ${group.length}`;
  $("card").hidden = !item;
  $("done").hidden = Boolean(item);
  $("back").disabled = at === 0;
  $("forward").disabled = at >= queue.length;
  $("place").textContent = item ? `第 ${at + 1} 条,共 ${queue.length} 条` : "";
  if (!item) return;
  $("han").textContent = item.han;
  $("sound").textContent = item.sound;
  line("why", item.why, "");
  line("local", item.local, "本地读作:");
  line("shown", item.shown && item.shown !== item.han ? item.shown : "", "屏幕上写:");
  line("mine", mine(item), "");
  $("trouble").textContent = "";
  $("change").hidden = $("say-why").hidden = true;
  for (const verdict of Object.keys(VERDICTS)) $(verdict).setAttribute("aria-pressed", String(item.verdict === verdict));
  unlock();
  $("new-sound").hidden = $("new-sound-label").hidden = !item.sound;
}

function mine(item) {
  if (!item.verdict) return "";
  const change = item.verdict === "better" ? `:${item.betterHan} ${item.sound ? item.better : ""}` : "";
  return `您说过:${VERDICTS[item.verdict]}${change}${item.note ? `(${item.note})` : ""}。再按一次就改过来。`;
}

function line(id, text, before) {
  $(id).hidden = !text;
  $(id).textContent = before + text;
}

function stop() {
  if (player) player.pause();
  player = null;
  $("listen").classList.remove("playing");
}

async function play(blob) {
  stop();
  const own = new Audio(URL.createObjectURL(blob));
  player = own;
  $("listen").classList.add("playing");
  own.addEventListener("ended", () => {
    URL.revokeObjectURL(own.src);
    if (player === own) stop();
  });
  try {
    await own.play();
  } catch (error) {
    if (player === own) complain(new Error("放不出声音。请看看喇叭。"));
  }
}

async function listen() {
  $("trouble").textContent = "";
  try {
    const item = queue[at];
    const sound = await (await ask(`/api/sound?item=${item.number}&reviewer=${encodeURIComponent(reviewer)}`)).blob();
    if (queue[at] !== item) return;
    item.heard = true;
    unlock();
    await play(sound);
  } catch (error) {
    complain(error);
  }
}

// Nobody judges what she has not heard.
function unlock() {
  for (const verdict of Object.keys(VERDICTS)) $(verdict).disabled = !queue[at].heard;
}

function typed() {
  return { reviewer, item: queue[at].number, han: $("new-han").value, sound: $("new-sound").value };
}

async function attempt() {
  $("trouble").textContent = "";
  const wanted = typed();
  try {
    await play(await (await ask("/api/try", wanted)).blob());
    heard = JSON.stringify(wanted);
  } catch (error) {
    complain(error);
  }
  weigh();
}

function weigh() {
  $("take").disabled = heard !== JSON.stringify(typed());
}

async function note(verdict, more) {
  const item = queue[at];
  $("trouble").textContent = "";
  try {
    await ask("/api/verdict", { reviewer, item: item.number, verdict, ...more });
  } catch (error) {
    complain(error);
    return;
  }
  item.verdict = verdict;
  item.note = more.note || "";
  item.better = more.sound || "";
  item.betterHan = more.han || "";
  go(1);
  if (queue[at]) listen();
}

function go(step) {
  at = Math.min(Math.max(at + step, 0), queue.length);
  show();
}

function open(form, first) {
  $("change").hidden = form !== "change";
  $("say-why").hidden = form !== "say-why";
  $(first).focus({ preventScroll: true });
  $(form).scrollIntoView({ block: "end", behavior: "smooth" });
}

function change() {
  const item = queue[at];
  $("new-han").value = item.betterHan || item.han;
  $("new-sound").value = item.better || item.sound;
  heard = "";
  weigh();
  open("change", item.sound ? "new-sound" : "new-han");
}

function doubt() {
  $("note").value = queue[at].note;
  open("say-why", "note");
}

$("door").addEventListener("submit", begin);
$("group").addEventListener("change", sort);
$("unsure-first").addEventListener("change", sort);
$("open-only").addEventListener("change", sort);
$("listen").addEventListener("click", listen);
$("right").addEventListener("click", () => note("right", {}));
$("wrong").addEventListener("click", doubt);
$("better").addEventListener("click", change);
$("try").addEventListener("click", attempt);
$("new-han").addEventListener("input", weigh);
$("new-sound").addEventListener("input", weigh);
$("back").addEventListener("click", () => go(-1));
$("forward").addEventListener("click", () => go(1));
$("change").addEventListener("submit", (event) => {
  event.preventDefault();
  if (!$("take").disabled) note("better", { han: $("new-han").value, sound: $("new-sound").value });
});
$("say-why").addEventListener("submit", (event) => {
  event.preventDefault();
  note("wrong", { note: $("note").value });
});
document.addEventListener("keydown", (event) => {
  if ($("desk").hidden || !queue[at] || event.target.matches("input, select") || event.ctrlKey || event.altKey || event.metaKey) return;
  const doing = { " ": listen, 1: () => $("right").click(), 2: () => $("wrong").click(), 3: () => $("better").click(), ArrowLeft: () => go(-1), ArrowRight: () => go(1) };
  if (!doing[event.key]) return;
  event.preventDefault();
  doing[event.key]();
});

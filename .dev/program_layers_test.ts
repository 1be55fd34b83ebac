import { throws } from "node:assert/strict";
import { refuseCircles } from "./program_layers.ts";

Deno.test("refuseCircles() lets a layer import those before it", () => {
  refuseCircles(
    "list.js",
    'import"./rolldown-runtime.js";import{A as a}from"./start.js";' +
      'import{DatabaseSync}from"node:sqlite";export{a as b};' +
      'export{c}from"./help.js";import(`./run.js`);const text="./run.js";',
  );
});

Deno.test("refuseCircles() refuses what comes later, and what is no layer", () => {
  const codes = [
    'import"./run.js";',
    'import{A as a}from"./start.js";import{b}from"./run.js";',
    'const a=1;export{c}from"./run.js";',
    'function a(){}export*from"./run.js";',
  ];
  for (const code of codes) {
    throws(
      () => refuseCircles("list.js", code),
      /Cannot let the layer list\.js import run\.js/,
      code,
    );
  }
  throws(
    () => refuseCircles("start.js", 'import{b}from"./dist.js";'),
    /import dist\.js, which is no layer before it/,
  );
});

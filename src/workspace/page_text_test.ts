import assert from "node:assert/strict";
import { pageText } from "./page_text.ts";

const BASE = "https://example.com/docs/";

Deno.test("pageText() keeps what is read, and leaves out what is not", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["plain", "plain"],
    ["a &amp; b &lt;c&gt; &#233;&#xe9; &nope; &nbsp;", "a & b <c> éé &nope;"],
    ["<p>one<p>two", "one\ntwo"],
    ["<h2>Title</h2><p>a\n   b</p>", "## Title\n\na b"],
    ["<ul><li>a</li><li><b>b</b></li></ul>", "- a\n\n- b"],
    ["<script>if (a < b) '</p>'</script>x", "x"],
    ["<style>p > a {}</style>x<!-- <p>no</p> -->y", "xy"],
    ["<script>never ends", ""],
    ['<a href="a.html">here</a>', "here (https://example.com/docs/a.html)"],
    ['<a href="#x">here</a><a href="javascript:x">no</a>', "hereno"],
    ['<img alt="A > B" src=x>', "A > B"],
    ["<pre>a\n  b</pre>", "```\na\n  b\n```"],
    ["<table><tr><td>a<td>b</tr></table>", "| a | b"],
    ["1 < 2 and <3", "1 < 2 and <3"],
    ["a<br>b<br/>c", "a\nb\nc"],
    ["<!DOCTYPE html><title>T</title><body>x", "T\n\nx"],
  ];
  for (const [html, expected] of cases) {
    assert.equal(pageText(html, BASE), expected, html);
  }
});

Deno.test("pageText() takes no longer than a page is long", () => {
  for (
    const piece of ["<", "<!--", "<a ", '<a href="', "<script>", "&#1", "<p>"]
  ) {
    const began = performance.now();
    pageText(piece.repeat(300_000), BASE);
    assert.ok(performance.now() - began < 3000, piece);
  }
});

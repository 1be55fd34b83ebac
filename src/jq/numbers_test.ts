import { check } from "../../tests/language/jq_cases.ts";

Deno.test("numbers are written with up to 17 digits", () => {
  check([
    ["tojson", 0, ["0"]],
    ["tojson", 1, ["1"]],
    ["tojson", -1, ["-1"]],
    ["tojson", 0.1, ["0.1"]],
    ["tojson", 1.5, ["1.5"]],
    ["tojson", 100, ["100"]],
    ["tojson", 1000000000000000, ["1000000000000000"]],
    ["tojson", 123456789012, ["123456789012"]],
    ["tojson", 0.0001, ["0.0001"]],
    ["tojson", 3.14159265358979, ["3.14159265358979"]],
    ["tojson", 4294967296, ["4294967296"]],
    ["tojson", 9007199254740992, ["9007199254740992"]],
    ["tojson", 0.30000000000000004, ["0.30000000000000004"]],
    ["tojson", 100, ["100"]],
    ["tojson", 12345.678, ["12345.678"]],
    ["[.[]|tostring]", [1, 1, 1.1, 1000, 100, 0.01], [[
      "1",
      "1",
      "1.1",
      "1000",
      "100",
      "0.01",
    ]]],
    ["1.000, 1.0, 100e-2, 1e1, 0.10", null, [1, 1, 1, 10, 0.1]],
    ["[nan]", null, [[null]]],
    ["[infinite, -infinite] | map(. > 0)", null, [[true, false]]],
    ["nan | tojson", null, ["null"]],
    [".[0] + .[1]", [0.1, 0.2], [0.30000000000000004]],
  ]);
});

Deno.test("tonumber reads what a program would", () => {
  check([
    ["tonumber", 1, [1]],
    ["tonumber", "1", [1]],
    ["tonumber", "1.5", [1.5]],
    ["tonumber", "-1", [-1]],
    ["tonumber", "1e3", [1000]],
    ["tonumber", ".5", [0.5]],
    ["tonumber", "5.", [5]],
    ["tonumber", "nan", [null]],
    ["[.[]|tonumber?]", ["1", 2, "x", null, "3.5"], [[1, 2, 3.5]]],
    ['[.[]|try tonumber catch "no"]', ["1", "--1", "1e", "e1", "+1"], [[
      1,
      "no",
      "no",
      "no",
      1,
    ]]],
    ["tonumber", null, "null (null) cannot be parsed as a number"],
    ["tonumber", true, "boolean (true) cannot be parsed as a number"],
    ["tonumber", [], "array ([]) cannot be parsed as a number"],
    ["tonumber", {}, "object ({}) cannot be parsed as a number"],
  ]);
});

import { check } from "../../tests/language/jq_cases.ts";

Deno.test("dates are read and written in UTC", () => {
  check([
    ["todate", 1425599621, ["2015-03-05T23:53:41Z"]],
    ["todate", 0, ["1970-01-01T00:00:00Z"]],
    ["todate", -1, ["1969-12-31T23:59:59Z"]],
    ["todate", 1000000000, ["2001-09-09T01:46:40Z"]],
    ["fromdate", "2015-03-05T23:51:47Z", [1425599507]],
    ["fromdate", "1970-01-01T00:00:00Z", [0]],
    ["fromdateiso8601, todateiso8601?", "2015-03-05T23:51:47Z", [1425599507]],
    ["todateiso8601", 1425599621, ["2015-03-05T23:53:41Z"]],
    ["gmtime", 0, [[1970, 0, 1, 0, 0, 0, 4, 0]]],
    ["gmtime", 1425599621, [[2015, 2, 5, 23, 53, 41, 4, 63]]],
    ["gmtime", 951782400, [[2000, 1, 29, 0, 0, 0, 2, 59]]],
    ["gmtime", 4102444799, [[2099, 11, 31, 23, 59, 59, 4, 364]]],
    ["gmtime", -86400, [[1969, 11, 31, 0, 0, 0, 3, 364]]],
    ["mktime", [1970, 0, 1, 0, 0, 0, 4, 0], [0]],
    ["mktime", [2015, 2, 5, 23, 51, 47, 4, 63], [1425599507]],
    ["mktime", [2000, 1, 29, 0, 0, 0, 2, 59], [951782400]],
    ["gmtime | mktime", 1425599621, [1425599621]],
    ["gmtime | mktime", 0, [0]],
    ["gmtime | todate", 1425599621, ["2015-03-05T23:53:41Z"]],
    ['strftime("%Y-%m-%dT%H:%M:%SZ")', 1425599621, ["2015-03-05T23:53:41Z"]],
    ['strftime("%Y-%m-%dT%H:%M:%SZ")', [2015, 2, 5, 23, 51, 47, 4, 63], [
      "2015-03-05T23:51:47Z",
    ]],
    ['strftime("%A, %B %d, %Y")', 1425599621, ["Thursday, March 05, 2015"]],
    ['strftime("%A, %B %d, %Y")', 0, ["Thursday, January 01, 1970"]],
    ['strftime("%a %b %e %H:%M:%S %Y")', 1425599621, [
      "Thu Mar  5 23:53:41 2015",
    ]],
    ['strftime("%j %U %w %y %C %I %p")', 1425599621, ["064 09 4 15 20 11 PM"]],
    ['strftime("%j %U %w %y %C %I %p")', 0, ["001 00 4 70 19 12 AM"]],
    ['strftime("%j %U %w %y %C %I %p")', 43200, ["001 00 4 70 19 12 PM"]],
    ['strftime("%D %T %R %F")', 1425599621, [
      "03/05/15 23:53:41 23:53 2015-03-05",
    ]],
    ['strftime("%s")', 1425599621, ["1425599621"]],
    ['strftime("%V %G %u")', 1425599621, ["10 2015 4"]],
    ['strftime("%V %G %u")', 1230768000, ["01 2009 4"]],
    ['strftime("%V %G %u")', 1262304000, ["53 2009 5"]],
    ['strftime("%h %n%t|")', 0, ["Jan \n\t|"]],
    ['strftime("plain")', 0, ["plain"]],
    ['strptime("%Y-%m-%dT%H:%M:%SZ")', "2015-03-05T23:51:47Z", [[
      2015,
      2,
      5,
      23,
      51,
      47,
      4,
      63,
    ]]],
    ['strptime("%Y-%m-%dT%H:%M:%SZ") | mktime', "2015-03-05T23:51:47Z", [
      1425599507,
    ]],
    ['strptime("%d %B %Y") | mktime', "05 March 2015", [1425513600]],
    ['strptime("%d %b %Y") | mktime', "05 Mar 2015", [1425513600]],
    ['strptime("%H:%M") | .[3:5]', "23:51", [[23, 51]]],
    ['try strptime("%Y") catch .', "abcd", [
      'date "abcd" does not match format "%Y"',
    ]],
    ['try strptime("%Y") catch .', 1, [
      "strptime/1 requires string inputs and arguments",
    ]],
    ['try fromdate catch "bad"', "2015-03-05", ["bad"]],
    ['try fromdate catch "bad"', "x", ["bad"]],
    ["try todate catch .", "a", ["strftime/1 requires parsed datetime inputs"]],
    ["try todate catch .", null, [
      "strftime/1 requires parsed datetime inputs",
    ]],
    ["try todate catch .", {}, ["strftime/1 requires parsed datetime inputs"]],
    ["try mktime catch .", ["a"], ["mktime requires parsed datetime inputs"]],
    ["try mktime catch .", [], ["mktime requires parsed datetime inputs"]],
    ['try strftime("%Y") catch .', "a", [
      "strftime/1 requires parsed datetime inputs",
    ]],
    ['try strftime("%Y") catch .', null, [
      "strftime/1 requires parsed datetime inputs",
    ]],
    ['try strftime("%Y") catch .', {}, [
      "strftime/1 requires parsed datetime inputs",
    ]],
  ]);
});

package repl_test

import (
	"strings"
	"testing"
)

// The cells that somebody writes first who knows Python's notebooks and Go's syntax: none needs more
// than it says.
func TestFirstCells(t *testing.T) {
	n := open(t)
	for _, code := range []string{
		`fmt.Println("Hello, world")`,
		"2 + 2",
		"math.Sqrt(2) * math.Pi",
		"s := \"Hello, Jupyter\"\nstrings.ToUpper(s), len(s), strings.Split(s, \", \")",
		`s[:5] + "!"`,
		"name, age := \"Ada\", 36\nfmt.Sprintf(\"%s is %d\", name, age)",
		"xs := []int{3, 1, 2}\nslices.Sort(xs)\nxs",
		"xs = append(xs, 4)\nlen(xs), xs[len(xs)-1], slices.Max(xs)",
		"for i, x := range xs {\n\tfmt.Println(i, x)\n}",
		"ages := map[string]int{\"Ada\": 36, \"Alan\": 41}\nages[\"Grace\"] = 85\nages",
		"slices.Sorted(maps.Keys(ages))",
		"func square(x float64) float64 { return x * x }\nsquare(7)",
		"type Person struct {\n\tName string\n\tAge  int\n}\npeople := []Person{{\"Ada\", 36}, {\"Alan\", 41}}\npeople",
		"sort.Slice(people, func(i, j int) bool { return people[i].Age > people[j].Age })\npeople[0].Name",
		"%%writefile people.csv\nname,age\nAda,36\nAlan,41",
		"!ls",
		"data, err := os.ReadFile(\"people.csv\")\nstring(data)",
		"f, _ := os.Open(\"people.csv\")\ndefer f.Close()\nrecords, err := csv.NewReader(f).ReadAll()\nrecords",
		"b, err := json.MarshalIndent(people, \"\", \"  \")\nfmt.Println(string(b))",
		"var v any\njson.Unmarshal([]byte(`{\"a\": [1, 2, {\"b\": null}]}`), &v)\nv",
		"re := regexp.MustCompile(`(\\w+)@(\\w+)\\.com`)\nre.FindAllStringSubmatch(\"ada@example.com, alan@test.com\", -1)",
		"t, err := time.Parse(\"2006-01-02\", \"2026-11-30\")\nt.Weekday(), t.AddDate(0, 1, 0).Format(\"Jan 2, 2006\")",
		"start := time.Now()\ntime.Sleep(time.Millisecond)\ntime.Since(start)",
		"rs := make([]float64, 1000)\nfor i := range rs {\n\trs[i] = rand.NormFloat64()\n}\nplots.Histogram(rs)",
		"plots.Line([]float64{1, 2, 3}, []float64{1, 4, 9})",
		"%timeit -n 10 -r 2 square(3)",
		"%%time\ntotal := 0\nfor i := range 1_000_000 {\n\ttotal += i\n}\ntotal",
		"srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, \"hi\", r.URL.Path) }))\nresp, err := http.Get(srv.URL + \"/you\")\nbody, _ := io.ReadAll(resp.Body)\nstring(body)",
		"ch := make(chan int)\ngo func() {\n\tfor i := range 3 {\n\t\tch <- i * i\n\t}\n\tclose(ch)\n}()\nfor x := range ch {\n\tfmt.Println(x)\n}",
		"var wg sync.WaitGroup\nresults := make([]int, 4)\nfor i := range 4 {\n\twg.Go(func() { results[i] = i * i })\n}\nwg.Wait()\nresults",
		"_, err = os.Open(\"missing.txt\")\nerrors.Is(err, os.ErrNotExist)",
		"n, err := strconv.Atoi(\"12x\")\nfmt.Println(n, err)",
		"filepath.Glob(\"*.csv\")",
		"h := sha256.Sum256([]byte(\"x\"))\nhex.EncodeToString(h[:])",
		"ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)\ndefer cancel()\n<-ctx.Done()\nfmt.Println(ctx.Err())",
		"out, err := exec.Command(\"echo\", \"hi\").Output()\nstring(out)",
		"m := [][]float64{{1, 2}, {3, 4}}\nm",
		"big.NewInt(0).Exp(big.NewInt(2), big.NewInt(200), nil)",
		"words := strings.Fields(\"a b a\")\ncounts := map[string]int{}\nfor _, w := range words {\n\tcounts[w]++\n}\ncounts",
		"?strings.Split",
		"%who",
		"srv.Close()",
	} {
		if got, reply := n.run(code); reply.Err != nil {
			t.Errorf("%s\nfailed: %s", code, reply.Err.Text())
		} else if got == "" && !strings.HasPrefix(code, "?") && code != "srv.Close()" {
			t.Errorf("%s\nshowed nothing", code)
		}
	}
}

// What is not Go but somebody's habit is an error that says what Go has for it.
func TestHabitsOfOtherLanguages(t *testing.T) {
	n := open(t)
	n.ok("xs := []int{1, 2}\nname := \"a\"\nages := map[string]int{}\nfunc square(x float64) float64 { return x * x }", "")
	for _, test := range []struct{ code, hint string }{
		{"2 ** 10", "math.Pow"},
		{"x := 2 ** 10", "math.Pow"},
		{"import numpy as np", "in quotes"},
		{"from math import sqrt", "in quotes"},
		{"import math", "in quotes"},
		{"Println(1)", "fmt.Println"},
		{"print 1", "fmt.Println"},
		{"y = 5", "y := … declares it"},
		{"max(xs...)", "slices.Max(xs)"},
		{"'hello'", "double quotes"},
		{"z := True", "did you mean true?"},
		{"const (\n\tMon = iota\n\tTue\n)\nz := True", "did you mean true?"},
		{"os.listdir(\".\")", "os.ReadDir"},
		{"os.path.join(name, name)", "filepath.Join"},
		{"json.loads(name)", "json.Unmarshal"},
		{"time.time()", "time.Now()"},
		{"math.inf", "math.Inf(1)"},
		{"\"a\" in [\"a\", \"b\"]", "slices.Contains"},
		{"unknown++", "unknown := … declares it"},
		{"unknown += 2", "unknown := … declares it"},
		{"None", "nil"},
		{`"a" + 1`, "fmt.Sprint"},
		{"name + 1", "fmt.Sprint"},
		{`"-" * 20`, "strings.Repeat"},
		{"ys := [1, 2, 3]", "[]int{1, 2, 3}"},
		{"[1, 2, 3]", "[]int{1, 2, 3}"},
		{"len([1, 2, 3])", "[]int{1, 2, 3}"},
		{`d := {"a": 1}`, "map[string]int"},
		{`f"x = {1}"`, "fmt.Sprintf"},
		{"def f(x): return x", "func f("},
		{"def f(x):\n    return x", "func f("},
		{"class Point:\n    pass", "type Point struct"},
		{"for i in range(3): fmt.Println(i)", "for i := range 3 { … }"},
		{"for i in range(1, 3):\n    fmt.Println(i)", "for i := 1; i < 3; i++ { … }"},
		{"for x in xs:\n    fmt.Println(x)", "for _, x := range xs { … }"},
		{"for k, v in ages.items():\n    fmt.Println(k)", "for k, v := range ages { … }"},
		{"while true { }", "for condition"},
		{"if len(xs) > 1: fmt.Println(1)", "braces"},
		{"if xs { }", "of type bool"},
		{"if not xs { }", "!a"},
		{"raise ValueError(1)", "returns an error"},
		{"g := lambda x: x", "func(x int) int"},
		{"ys := [x*2 for x in xs]", "comprehensions"},
		{"a := true ? 1 : 2", "?: operator"},
		{"x := 1 # one", "begin with //"},
		{"# a comment", "begin with //"},
		{"xs.append(3)", "xs = append(xs, …)"},
		{"name.upper()", "strings.ToUpper(name)"},
		{"ages.keys()", "maps.Keys(ages)"},
		{"xs[-1]", "xs[len(xs)-1]"},
		{"square(xs[0])", "float64(xs[0])"},
		{"time.Sleep(0.5)", "500 * time.Millisecond"},
		{"help(square)", "?name"},
		{"ls", "!ls"},
		{"ls -l", "!ls"},
		{"cd /tmp", "%cd"},
		{"pip install numpy", "import fetches"},
		{"exit()", "%restart"},
		{"let q = 1", "q := … declares it"},
		{"str(1)", "fmt.Sprint"},
		{"sum(xs)", "there is no sum"},
		{"fmt.println(1)", "fmt.Println"},
		{"random.random()", "rand.Float64"},
		{"datetime.now()", "time.Now"},
		{"re.findall(\"a\", \"banana\")", "regexp"},
		{"sys.argv", "os.Args"},
		{"self.x = 3", "receiver"},
		{"Out[1]", "_12"},
		{"xs[::2]", "i += 2"},
		{"xs + [4]", "[]int{1, 2, 3}"},
		{"ys := []", "[]int{1, 2, 3}"},
		{"d := {}", "map[string]int{}"},
		{"\"a\" in ages", "m[key]"},
		{"z := nil", "nil needs a type"},
		{"int(3.7)", "cuts off"},
		{"int(\"3\")", "strconv.Atoi"},
		{"float64(name)", "strconv.ParseFloat"},
		{"\"%d items\" % 3", "fmt.Sprintf"},
		{"max(xs)", "slices.Max"},
		{"xs == []int{1, 2}", "slices.Equal"},
		{"ages == ages", "maps.Equal"},
		{"func add(a int, b int) { return a + b }", "names its type"},
		{"len xs", "parentheses"},
		{"assert len(xs) == 1", "panic"},
		{"del xs", "%del"},
		{"global xs", "all cells"},
		{"z := 1 if true else 2", "if condition"},
		{"z := len(xs)++", "statement"},
		{"f := (x) => x", "func(x int) int"},
		{"@decorator", "decorators"},
		{"async def f(): pass", "goroutine"},
		{"range(10)", "for i := range 10"},
		{"type(xs)", "%T"},
	} {
		text := n.fails(test.code, "CompileError")
		if !strings.Contains(text, "hint: ") && test.hint != "" || !strings.Contains(text, test.hint) {
			t.Errorf("%s\nhas no hint of %q: %s", test.code, test.hint, text)
		}
	}
}

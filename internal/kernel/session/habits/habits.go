// Package habits knows what people write in a cell who come from Python, or from a shell,
// and how Go says it.
package habits

import (
	"fmt"
	"regexp"
	"strings"
)

// Hint says how Go writes what a line seems to mean, by the compiler's message about it
// and the message's column, which counts bytes from 1. It is empty where nothing is
// recognised.
func Hint(message, line string, column int) string {
	for _, h := range messages {
		if m := h.pattern.FindStringSubmatch(message); m != nil {
			if hint := h.hint(m); hint != "" {
				return hint
			}
		}
	}
	if !strings.HasPrefix(message, "expected ") && !unparsed.MatchString(message) {
		return ""
	}
	line = texts.ReplaceAllStringFunc(line, func(text string) string {
		return text[:1] + strings.Repeat("_", len(text)-2) + text[:1]
	})
	if before := min(max(column-1, 0), len(line)); strings.Contains(line[before:], "#") {
		return "comments begin with //"
	}
	for _, h := range lines {
		if m := h.pattern.FindStringSubmatch(line); m != nil {
			return h.hint(m)
		}
	}
	return ""
}

// Name says what stands in Go for a name that other languages have, or is empty.
func Name(name string) string { return names[name] }

// unparsed are messages of the parser that do not begin with "expected".
var unparsed = regexp.MustCompile(`^(unexpected |illegal |import path must be a string|missing |invalid operation: cannot indirect|invalid character|unreachable)`)

// texts are the literals of a line whose content says nothing of how it is written.
var texts = regexp.MustCompile(`"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|` + "`[^`]*`")

// names are names that Go does not have.
var names = map[string]string{
	"None":        "Go's word is nil",
	"null":        "Go's word is nil",
	"str":         "fmt.Sprint(x) makes a text of anything; the type is string",
	"list":        "a list of numbers is []int{1, 2, 3}",
	"dict":        `a dictionary is map[string]int{"a": 1}`,
	"set":         "a set is map[string]bool{}",
	"tuple":       "a struct holds values of several types: struct{ a int; b string }{1, \"x\"}",
	"float":       "the type is float64",
	"bytes":       "a list of bytes is []byte",
	"input":       "display.Input(prompt) asks",
	"open":        "os.ReadFile(name) reads a file, os.Open(name) opens it",
	"help":        "?name, on a line of its own, shows the documentation of name",
	"dir":         "?name shows what name is, Tab after a dot its members, and %who the names of the session",
	"sorted":      "slices.Sort(xs) sorts in place; slices.Sorted takes an iterator",
	"reversed":    "slices.Reverse(xs) turns round in place; slices.Backward(xs) is for range",
	"enumerate":   "for i, x := range xs has the index as well",
	"zip":         "for i := range xs goes through xs[i] and ys[i]",
	"sum":         "there is no sum: total := 0; for _, x := range xs { total += x }",
	"abs":         "math.Abs(x) is for float64",
	"round":       "math.Round(x) is for float64",
	"sqrt":        "math.Sqrt(x)",
	"pow":         "math.Pow(x, y)",
	"isinstance":  "_, ok := x.(T) asks a value of an interface type",
	"printf":      "fmt.Printf prints",
	"assert":      `if !condition { panic("…") }`,
	"exit":        "%restart begins anew; os.Exit(0) ends the process that holds the values",
	"quit":        "%restart begins anew; os.Exit(0) ends the process that holds the values",
	"ls":          "!ls is a command of the shell, %who lists what is declared",
	"pwd":         "%pwd is the folder of the notebook",
	"cd":          "%cd changes the folder",
	"who":         "%who lists what is declared",
	"whos":        "%whos lists what is declared",
	"np":          "lists are []float64, matrices are those of gonum.org/v1/gonum/mat",
	"pd":          "encoding/csv reads tables; lists of structs are shown as tables",
	"plt":         "plots.Line(xs, ys), Scatter, Histogram and BarChart draw",
	"console":     "fmt.Println(x) prints",
	"exception":   "a function that can fail returns an error",
	"Exception":   "a function that can fail returns an error",
	"pip":         "import fetches a module; %get chooses its version",
	"conda":       "import fetches a module; %get chooses its version",
	"time_ns":     "time.Now().UnixNano()",
	"random":      "rand.Float64() and rand.IntN(n) are those of math/rand/v2",
	"datetime":    "time.Now() and time.Date(…) are times",
	"re":          "regexp.MustCompile(expression) has FindAllString and others",
	"sys":         "os.Args has the arguments, os.Stdin the input",
	"self":        "a method names its receiver: func (p *Point) name() { … }",
	"pass":        "a block may be empty: { }",
	"Out":         "_12 is the value of cell 12, _ the last one",
	"deepcopy":    "slices.Clone and maps.Clone copy lists and maps",
	"Counter":     "count := map[string]int{}; count[x]++",
	"defaultdict": "a map gives zero values for what it does not have",
	"Println":     "did you mean fmt.Println?",
	"Printf":      "did you mean fmt.Printf?",
	"Print":       "did you mean fmt.Print?",
	"Sprintf":     "did you mean fmt.Sprintf?",
	"Sprint":      "did you mean fmt.Sprint?",
	"Errorf":      "did you mean fmt.Errorf?",
	"Sqrt":        "did you mean math.Sqrt?",
	"Pi":          "did you mean math.Pi?",
	"constraints": `cmp.Ordered is in the standard library; import "golang.org/x/exp/constraints" has the others`,
}

// Member says what Go has for a member that a package of the same name has in Python, or is empty.
func Member(pkg, name string) string { return members[pkg][name] }

var members = map[string]map[string]string{
	"os": {
		"listdir": "os.ReadDir(folder) lists a folder", "scandir": "os.ReadDir(folder) lists a folder",
		"walk":   "filepath.WalkDir goes through a folder and what is below it",
		"path":   "filepath.Join(a, b), filepath.Base(path) and others; os.Stat(path) says whether there is such a file",
		"getcwd": "os.Getwd() is the folder, %cd changes it", "makedirs": "os.MkdirAll(folder, 0o755)", "environ": "os.Getenv(name), os.Environ() has all",
		"system": "!command runs a command of the shell", "unlink": "os.Remove(name)", "cpu_count": "runtime.NumCPU()",
	},
	"json": {
		"loads": "json.Unmarshal([]byte(text), &v)", "load": "json.NewDecoder(r).Decode(&v)", "dumps": `json.MarshalIndent(v, "", "  ")`,
		"dump": "json.NewEncoder(w).Encode(v)",
	},
	"time": {
		"time": "time.Now(); time.Since(t) is how long ago t was", "perf_counter": "time.Now(); time.Since(t) is how long ago t was",
		"strftime": `t.Format("2006-01-02 15:04:05") writes a time`,
	},
	"math": {
		"inf": "math.Inf(1)", "nan": "math.NaN()", "factorial": "big.NewInt(0).MulRange(1, n)", "gcd": "big.NewInt(0).GCD(nil, nil, a, b)", "e": "math.E",
	},
	"csv": {
		"reader": "csv.NewReader(r).ReadAll()", "writer": "csv.NewWriter(w)", "DictReader": "csv.NewReader(r).ReadAll(); the first row has the names",
	},
	"rand": {
		"random": "rand.Float64()", "choice": "xs[rand.Intn(len(xs))]", "randint": "a + rand.Intn(b-a+1)",
	},
}

// methods are what lists, texts and maps have elsewhere as methods, with %s for the value.
var methods = map[string]string{
	"append": "%[1]s = append(%[1]s, …)", "extend": "%[1]s = append(%[1]s, ys...)", "push": "%[1]s = append(%[1]s, …)",
	"sort": "slices.Sort(%s)", "reverse": "slices.Reverse(%s)", "index": "slices.Index(%s, …)", "insert": "%[1]s = slices.Insert(%[1]s, i, …)",
	"pop": "%[1]s = %[1]s[:len(%[1]s)-1]", "copy": "slices.Clone(%s), or maps.Clone of a map",
	"length": "len(%s)", "len": "len(%s)", "size": "len(%s)", "Len": "len(%s)",
	"keys": "slices.Sorted(maps.Keys(%s)), or for k := range %[1]s", "values": "slices.Collect(maps.Values(%s))",
	"items": "for k, v := range %s", "get": "v, ok := %s[key]",
	"upper": "strings.ToUpper(%s)", "lower": "strings.ToLower(%s)", "strip": "strings.TrimSpace(%s)", "split": `strings.Split(%s, ",")`,
	"replace": "strings.ReplaceAll(%s, old, new)", "startswith": "strings.HasPrefix(%s, prefix)", "endswith": "strings.HasSuffix(%s, suffix)",
	"join": "strings.Join(list, %s)", "format": "fmt.Sprintf(%s, …)", "find": "strings.Index(%s, part)", "count": "strings.Count(%s, part)",
	"contains": "slices.Contains(%s, …), or strings.Contains", "encode": "[]byte(%s)", "decode": "string(%s)",
}

type rule struct {
	pattern *regexp.Regexp
	hint    func(m []string) string
}

func says(text string) func([]string) string { return func([]string) string { return text } }

// messages are what the type checker says of habits.
var messages = []rule{
	{regexp.MustCompile(`^(\S+)\.(\w+) undefined \(type (?:\[\]|map\[|string|untyped string).* has no field or method`), func(m []string) string {
		if form, ok := methods[m[2]]; ok {
			return "Go writes " + fmt.Sprintf(form, m[1])
		}
		return ""
	}},
	{regexp.MustCompile(`^invalid argument: index -\d+ \(constant of type int\) must not be negative`), says("the last element is xs[len(xs)-1]")},
	{regexp.MustCompile(`invalid use of \.\.\. with built-in (min|max)`), func(m []string) string {
		return fmt.Sprintf("of a list: slices.%s(xs)", map[string]string{"min": "Min", "max": "Max"}[m[1]])
	}},
	{regexp.MustCompile(`^invalid operation: .*\+.* \(mismatched types (?:untyped )?string and |^invalid operation: .*\+.* \(mismatched types .* and (?:untyped )?string\)|^cannot convert .* \(untyped (?:int|float) constant\) to type string|^invalid operation: operator \+ not defined on .*string`),
		says("fmt.Sprint(a, b) joins a text and a number, fmt.Sprintf(\"%s %d\", a, b) with a form")},
	{regexp.MustCompile(`^invalid operation: operator \* not defined on .*\(.*string|^invalid operation: .* \* .* \(mismatched types .*string`), says("strings.Repeat(text, n)")},
	{regexp.MustCompile(`as time\.Duration value .*truncated|\(untyped float constant\) truncated to time\.Duration`), says("durations have units: 500 * time.Millisecond")},
	{regexp.MustCompile(`^(?:non-boolean condition in (?:if|for) statement)`), says("conditions are of type bool: x != 0, len(xs) > 0, p != nil")},
	{regexp.MustCompile(`^illegal rune literal|^more than one character in rune literal`), says(`texts stand in double quotes, "text", or between backquotes; 'a' is a character`)},
	{regexp.MustCompile(`^middle index required in 3-index slice`), says("slices have no step: for i := 0; i < len(xs); i += 2 { … }")},
	{regexp.MustCompile(`^use of untyped nil in (?:assignment|variable declaration)`), says("nil needs a type: var p *Point, var m map[string]int")},
	{regexp.MustCompile(`^cannot convert .* \(untyped float constant.*\) to type u?int`), says("a constant must be whole: math.Round(x) rounds, int(x) of a variable cuts off")},
	{regexp.MustCompile(`^cannot convert .*string.*\) to type (?:u?int|float)`), says("strconv.Atoi(text) reads a whole number, strconv.ParseFloat(text, 64) any")},
	{regexp.MustCompile(`^invalid operation: .* % .* \(mismatched types (?:untyped )?string and |^invalid operation: operator % not defined on .*string`), says(`fmt.Sprintf("%d items", n) puts values into a text`)},
	{regexp.MustCompile(`^invalid argument: .*\(.* of type \[\].*\) cannot be ordered`), says("of a list: slices.Max(xs), slices.Min(xs)")},
	{regexp.MustCompile(`\(slice can only be compared to nil\)`), says("slices.Equal(xs, ys) compares lists")},
	{regexp.MustCompile(`\(map can only be compared to nil\)`), says("maps.Equal(a, b) compares maps")},
	{regexp.MustCompile(`^too many return values`), says("a function that returns something names its type behind the parameters: func f(x int) int { … }")},
	{regexp.MustCompile(`^invalid operation: cannot indirect `), says("there is no operator for powers: math.Pow(x, y); x*x for a square")},
}

// lines are lines that do not parse, those that say most first.
var lines = []rule{
	{regexp.MustCompile(`^\s*(?:import\s+\w[\w.]*(?:\s+as\s+\w+)?|from\s+[\w.]+\s+import\s.*)\s*$`),
		says(`imports name a path in quotes, import "math"; what the standard library has needs none`)},
	{regexp.MustCompile(`^\s*def\s+(\w+)\s*\(`), func(m []string) string {
		return fmt.Sprintf("a function is func %s(x float64) float64 { return x }", m[1])
	}},
	{regexp.MustCompile(`^\s*class\s+(\w+)`), func(m []string) string {
		return fmt.Sprintf("a type is type %s struct { x int }, with methods func (p %[1]s) name() { … }", m[1])
	}},
	{regexp.MustCompile(`^\s*for\s+(\w+)\s+in\s+range\((\w+)\)`), func(m []string) string {
		return fmt.Sprintf("for %s := range %s { … }", m[1], m[2])
	}},
	{regexp.MustCompile(`^\s*for\s+(\w+)\s+in\s+range\(\s*(\w+)\s*,\s*(\w+)\s*\)`), func(m []string) string {
		return fmt.Sprintf("for %[1]s := %[2]s; %[1]s < %[3]s; %[1]s++ { … }", m[1], m[2], m[3])
	}},
	{regexp.MustCompile(`^\s*for\s+(\w+)\s*,\s*(\w+)\s+in\s+(?:enumerate\()?([\w.]+)`), func(m []string) string {
		return fmt.Sprintf("for %s, %s := range %s { … }", m[1], m[2], strings.TrimSuffix(m[3], ".items"))
	}},
	{regexp.MustCompile(`^\s*for\s+(\w+)\s+in\s+([\w.]+)`), func(m []string) string {
		return fmt.Sprintf("for _, %s := range %s { … }", m[1], m[2])
	}},
	{regexp.MustCompile(`^\s*while\b`), says("the only loop is for: for condition { … }")},
	{regexp.MustCompile(`^\s*(?:try\s*:|except\b|raise\b)`), says("a function that can fail returns an error: x, err := f(); if err != nil { … }")},
	{regexp.MustCompile(`^\s*with\s+.*:`), says("defer f.Close() closes at the end of the function")},
	{regexp.MustCompile(`^\s*(?:elif\b|(?:if|else)\b.*:\s*(?:$|\S))`), says("blocks stand in braces: if x > 0 { … } else if x < 0 { … } else { … }")},
	{regexp.MustCompile(`\blambda\b`), says("a function without a name is func(x int) int { return x }")},
	{regexp.MustCompile(`\bfor\s+\w+\s+in\b.*\]`), says("there are no comprehensions: for _, x := range xs { ys = append(ys, f(x)) }")},
	{regexp.MustCompile(`\*\*`), says("there is no operator for powers: math.Pow(x, y); x*x for a square")},
	{regexp.MustCompile(`(?:^|\W)[fF]"`), says(`fmt.Sprintf("x = %v", x) puts values into a text`)},
	{regexp.MustCompile(`(?:^|[^\w"'])[rb]["']`), says("backquotes hold texts as they are: `a\\b`; []byte(\"text\") are bytes")},
	{regexp.MustCompile(`\bnot\s+\w|\b(?:and|or)\s+\w`), says("Go writes !a, a && b, a || b")},
	{regexp.MustCompile(`\bis\s+(?:not\s+)?None\b`), says("x == nil, x != nil")},
	{regexp.MustCompile(`[\w"')\]]\s+(?:not\s+)?in\s+[\w\["'({]`), says("slices.Contains(xs, x) asks a list; _, ok := m[key] asks a map")},
	{regexp.MustCompile(`(?:^|[^\w\])])\[[^\]]*,`), says("a list has a type: []int{1, 2, 3}, []string{\"a\"}")},
	{regexp.MustCompile(`(?:^|=|\()\s*\{\s*["'\w]+\s*:`), says(`a map has a type: map[string]int{"a": 1}`)},
	{regexp.MustCompile(`[+=(]\s*\[[^\]]*\]\s*\)?$`), says("a list has a type: []int{1, 2, 3}, []string{\"a\"}")},
	{regexp.MustCompile(`[=(]\s*\{\s*\}\s*\)?$`), says("a map has a type: map[string]int{}")},
	{regexp.MustCompile(`^\s*(?:len|cap|min|max|append|delete|panic)\s+["\w]`), says("arguments stand in parentheses: len(xs)")},
	{regexp.MustCompile(`^\s*assert\b`), says(names["assert"])},
	{regexp.MustCompile(`^\s*del\s+\w`), says("%del name forgets what a cell has declared, delete(m, key) takes a key out of a map")},
	{regexp.MustCompile(`^\s*(?:global|nonlocal)\s+\w`), says("what a cell declares, all cells and their functions have")},
	{regexp.MustCompile(`^\s*(?:async|await)\b|=\s*await\b`), says("go f() starts a goroutine, a channel brings what it has found")},
	{regexp.MustCompile(`^\s*@\w`), says("there are no decorators: g := wrap(f)")},
	{regexp.MustCompile(`=>`), says("a function without a name is func(x int) int { return x }")},
	{regexp.MustCompile(`\S\s+if\s.+\selse\s+[^{\s]`), says("there is no expression for it: if condition { x = a } else { x = b }")},
	{regexp.MustCompile(`=.*(?:\+\+|--)`), says("x++ is a statement by itself, and has no value")},
	{regexp.MustCompile(`(?:^|\()\s*range\s*\(\s*(\w+)`), func(m []string) string { return fmt.Sprintf("for i := range %s { … }", m[1]) }},
	{regexp.MustCompile(`^\s*type\s*\(`), says(`fmt.Printf("%T", x) prints the type of x`)},
	{regexp.MustCompile(`^\s*(?:let|val)\s+(\w+)\s*=`), func(m []string) string { return m[1] + " := … declares it" }},
	{regexp.MustCompile(`\?[^:]*:`), says("there is no ?: operator: if condition { x = a } else { x = b }")},
	{regexp.MustCompile(`^\s*(?:pip3?|conda)\s+install\b`), says("import fetches a module; %get chooses its version")},
	{regexp.MustCompile(`^\s*(cd|ls|cat|mkdir|rm|cp|mv|git|go|echo|head|tail|grep|wget|curl)\s+[^=\s]`), func(m []string) string {
		if m[1] == "cd" {
			return "%cd changes the folder"
		}
		return "commands of the shell begin with !: !" + m[1]
	}},
	{regexp.MustCompile(`^\s*print\s+["'\w]`), says("fmt.Println(x) prints")},
}

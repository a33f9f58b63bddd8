package display

import (
	"fmt"
	"image"
	"strings"
	"testing"
	"time"
)

type city struct {
	Name    string
	people  int
	founded time.Time
	next    *city
}

type base struct{ ID int }

type inner struct {
	base
	Score float64
	Tags  []string
}

type grade int

func (g grade) String() string { return fmt.Sprintf("grade %d", int(g)) }

type small struct{ data []float64 }

func (s small) Dims() (r, c int)    { return len(s.data) / 2, 2 }
func (s small) At(i, j int) float64 { return s.data[2*i+j] }

type books struct{}

func (books) Names() []string     { return []string{"title", "price"} }
func (books) Nrow() int           { return 2 }
func (books) Records() [][]string { return [][]string{{"title", "price"}, {"Go", "30"}, {"C", "7.5"}} }
func (books) String() string      { return "books" }

// The text of what is known by its methods is what they say, and not its fields.
func TestTextsOfMatrices(t *testing.T) {
	for want, value := range map[string]any{
		"   0  1\n0  1  2\n1  3  4": small{[]float64{1, 2, 3, 4}},
		"books":                     books{},
		"[[1 2]]":                   [][]float64{{1, 2}},
	} {
		if data, _ := Render(value); !strings.HasPrefix(data["text/plain"].(string), want) {
			t.Errorf("%T is %q, want %q", value, data["text/plain"], want)
		}
	}
}

// What has rows and columns is a table, whatever it is made of.
func TestTables(t *testing.T) {
	day := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		value any
		want  []string // parts of the HTML, in order
	}{
		"structs":         {[]city{{"Rome", 2800000, day, nil}}, []string{">Name<", ">people<", ">founded<", ">0<", "left\">Rome<", "right\">2800000<", "2026-11-30", "1 row × 4 columns · []display.city"}},
		"pointers":        {[]*city{{Name: "A"}, nil, {Name: "<b>", next: &city{Name: "deep"}}}, []string{">A<", ">1<", "&lt;b&gt;", "{Name:deep", "3 rows"}},
		"embedded":        {[1]inner{{base{7}, 0.1 + 0.2, []string{"a", "b"}}}, []string{">ID<", ">Score<", "right\">7<", "right\">0.3<", ">[a b]<"}},
		"map":             {map[string]city{"b": {Name: "B"}, "a": {Name: "A"}}, []string{">a<", ">A<", ">b<", ">B<"}},
		"numbers":         {[][]float64{{1, 2.5}, {3}}, []string{"right\">1<", "right\">2.5<", "right\">3<", "right\"><", "2 rows × 2 columns"}},
		"csv":             {[][]string{{"a", "b"}, {"c", "x"}}, []string{"left\">a<", "left\">b<", "left\">c<"}},
		"CSV with names":  {[][]string{{"a", "b"}, {"1", "x"}, {"2.5", "y"}}, []string{"right\">a<", "left\">b<", ">1<", "right\">1<", "2 rows"}},
		"no names":        {[][]string{{"a", "3"}, {"b", "4"}}, []string{"left\">0<", "right\">1<", "left\">a<", "right\">3<"}},
		"JSON":            {[]map[string]any{{"x": 1, "y": "two"}, {"z": nil}}, []string{">x<", ">y<", ">z<", "right\">1<", "left\">two<", "&lt;nil&gt;"}},
		"map of maps":     {map[string]map[string]int{"r": {"c": 3}}, []string{">c<", ">r<", "right\">3<"}},
		"matrix":          {small{[]float64{1, 2, 3, 4}}, []string{"right\">1<", "right\">4<", "2 rows × 2 columns"}},
		"frame":           {books{}, []string{">title<", "left\">Go<", "right\">7.5<"}},
		"values that say": {[][]grade{{1}}, []string{"left\">grade 1<"}},
		"wide":            {[][]int{make([]int, 100)}, []string{">11<", ">⋮<", ">88<", "1 row × 100 columns"}},
		"long":            {make([]struct{ N int }, 10_000_000), []string{">19<", ">⋮<", ">9999980<", "10 000 000 rows × 1 column"}},
		"picture":         {[]struct{ Icon image.Image }{{image.NewGray(image.Rect(0, 0, 1, 1))}}, []string{`<img src="data:image/png;base64,`}},
	} {
		began := time.Now()
		data, _ := Render(test.value)
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("%s: %s", name, took)
		}
		got, _ := data["text/html"].(string)
		for _, part := range test.want {
			_, rest, ok := strings.Cut(got, part)
			if !ok {
				t.Errorf("%s: %q is missing, or in another place, in\n%s", name, part, data["text/html"])
				break
			}
			got = rest
		}
	}
	for _, v := range []any{[]int{1}, []string{"a"}, [][]byte{{1}}, []time.Time{day}, []grade{1}, map[string]int{"a": 1}, []city{}, "text", nil, city{}, []any{1}, [][]any{}, []struct{}{{}}} {
		if data, _ := Render(v); data["text/html"] != nil {
			t.Errorf("%T is a table: %v", v, data)
		}
	}
}

func TestTablesAsText(t *testing.T) {
	short := []base{{1}, {2}}
	if data, _ := Render(short); data["text/plain"] != "[{ID:1} {ID:2}]" {
		t.Errorf("%q", data["text/plain"])
	}
	const want = `    N  T
0   1  a
1  20  bb
(2 rows × 2 columns · []display.row)`
	data, _ := Render(tabled{[]row{{1, "a"}, {20, "bb"}}})
	if data["text/plain"] != want {
		t.Errorf("got\n%s", data["text/plain"])
	}
	long := make([]row, 1000)
	data, _ = Render(long)
	if text := data["text/plain"].(string); strings.Count(text, "\n") != 42 || !strings.Contains(text, "\n⋮    ⋮  ⋮\n980  0") {
		t.Errorf("got\n%s", text)
	}
}

type row struct {
	N int
	T string
}

type picture struct{ name string }

func (p picture) SVG() string { return "<svg>" + p.name + "</svg>" }

// Pictures and what else shows itself are shown inside lists, and of several values.
func TestListsOfPictures(t *testing.T) {
	for _, values := range [][]any{
		{[]picture{{"a"}, {"b"}}}, {[]any{picture{"a"}, 3}}, {[]image.Image{image.NewGray(image.Rect(0, 0, 1, 1))}},
		{picture{"a"}, 3}, {3, []picture{{"a"}}}, {"title", small{[]float64{1, 2}}},
	} {
		data, _ := Render(values...)
		if s, _ := data["text/html"].(string); !strings.Contains(s, "<img src=\"data:image/") && !strings.Contains(s, "<table") {
			t.Errorf("%v: %v", values, data)
		}
		if _, ok := data["text/plain"].(string); !ok {
			t.Errorf("%v has no text", values)
		}
	}
	if data, _ := Render(1, "a"); len(data) != 1 {
		t.Errorf("%v", data)
	}
}

type byText struct{}

func (byText) JSON() string { return `{"a": [1]}` }

type byMIME struct{}

func (byMIME) MIME() map[string]any { return map[string]any{"application/x-own": "data"} }

func TestMoreWaysToBeShown(t *testing.T) {
	n := 3
	p := &n
	for _, test := range []struct {
		value any
		mime  string
		want  string
	}{
		{byText{}, "application/json", `{"a": [1]}`},
		{byMIME{}, "application/x-own", "data"},
		{p, "text/plain", "&3"},
		{&p, "text/plain", "&&3"},
		{func(int) string { return "" }, "text/plain", "func(int) string"},
		{make(chan<- int), "text/plain", "chan<- int"},
		{(func())(nil), "text/plain", "<nil>"},
		{(*int)(nil), "text/plain", "<nil>"},
	} {
		data, _ := Render(test.value)
		if got := fmt.Sprintf("%s", data[test.mime]); got != test.want {
			t.Errorf("%T: got %v, want %s", test.value, data, test.want)
		}
	}
}

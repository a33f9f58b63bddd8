package display

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

type leafless struct {
	Name  string
	inner struct {
		list []any
		when time.Time
	}
	Self *leafless
}

// A nested value that is long is a tree as well, of which each level can be folded.
func TestTrees(t *testing.T) {
	var fromJSON any
	text := `{"name": "a <b>", "list": [1, 2, {"deep": [true, null]}], "filler": "` + strings.Repeat("x", 100) + `"}`
	if err := json.Unmarshal([]byte(text), &fromJSON); err != nil {
		t.Fatal(err)
	}
	circle := &leafless{Name: strings.Repeat("n", 100)}
	circle.Self, circle.inner.list, circle.inner.when = circle, []any{1, "two"}, time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		value any
		want  []string
	}{
		"JSON":   {fromJSON, []string{"<details open>", "map[string]any (3)", "list:</span> <span", "(3)", "<details>", "deep:", "(2)", "&lt;nil&gt;", "name:</span> a &lt;b&gt;", "</details></div>"}},
		"struct": {circle, []string{"display.leafless<", "Name:", "inner:", "list:", "(2)", "two", "when:</span> 2026-11-30", "Self:", "<details>"}},
		"list":   {[]any{strings.Repeat("x", 100), map[string]int{"k": 7}}, []string{"[]any (2)", "1:</span>", "k:</span> 7"}},
		"long":   {map[string]any{"xs": make([]int, 1_000_000)}, []string{"[]int (1 000 000)", "49:</span> 0", ">⋮<"}},
	} {
		data, _ := Render(test.value)
		got, _ := data["text/html"].(string)
		for _, part := range test.want {
			_, rest, ok := strings.Cut(got, part)
			if !ok {
				t.Errorf("%s: %q is missing, or in another place, in\n%s", name, part, data["text/html"])
				break
			}
			got = rest
		}
		if strings.Contains(got, "<script") || data["text/plain"] == "" {
			t.Errorf("%s: %v", name, data)
		}
		if n := len(data["text/html"].(string)); n > 200_000 {
			t.Errorf("%s: %d bytes", name, n)
		}
	}
	for _, value := range []any{map[string]any{"a": []int{1}}, []any{1, 2}, strings.Repeat("x", 1000), make([]int, 1000), time.Now(), struct{ A [2]int }{}} {
		if data, _ := Render(value); data["text/html"] != nil {
			t.Errorf("%v is a tree: %v", value, data["text/html"])
		}
	}
}

// Tables are sorted and filtered by a script that is the same for all, and are tables without it.
func TestTableScript(t *testing.T) {
	data, _ := Render([]struct{ N int }{{1}, {2}})
	got := data["text/html"].(string)
	before, script, ok := strings.Cut(got, "<script>")
	if !ok || !strings.HasSuffix(script, "</script>") || strings.Count(script, "</") != 1 || !strings.HasSuffix(before, "</div>") || !strings.Contains(before, `class="goparallel-rows"`) {
		t.Error(got)
	}
	if again, _ := Render([]struct{ N int }{{1}, {2}}); again["text/html"] != got {
		t.Error("the same table is written differently")
	}
	if one, _ := Render([]struct{ N int }{{1}}); strings.Contains(one["text/html"].(string), "<script") {
		t.Error("a single row has nothing to sort")
	}
}

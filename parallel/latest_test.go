package parallel

import (
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/parallel/hooks"
)

func TestLastIsWhatIsOpenAndWhatWasCalled(t *testing.T) {
	if rc := hooks.LastClient(); rc != nil {
		t.Fatal("an earlier test left a client")
	}
	first, second := start(t, 1), start(t, 1)
	if hooks.LastClient() != second {
		t.Error("the client that was started last is not the last one")
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	if hooks.LastClient() != first {
		t.Error("after it is closed, it is not the one before")
	}
	view := first.LoadBalanced()
	if _, err := view.MapSync(pow10, numbers(17)); err != nil {
		t.Fatal(err)
	}
	if last := hooks.LastCaller().(*View); last != &view.View {
		t.Errorf("the view that called last is %v", last)
	}
	if _, err := first.All().MapSync(pow10, numbers(4)); err != nil {
		t.Fatal(err)
	}
	if last := hooks.LastCaller().(*View); last.Explain().Items != 4 || view.Explain().Items != 17 {
		t.Errorf("%d items in the last call, %d in the view's", last.Explain().Items, view.Explain().Items)
	}
}

func TestExplanationAsHTMLSaysWhatItsTextSays(t *testing.T) {
	rc := start(t, 2)
	r := rc.LoadBalanced().Map(pow10, numbers(300), ChunkSize(10))
	if _, err := r.Get(); err != nil {
		t.Fatal(err)
	}
	e := r.Explain()
	e.Function = "f<int>"
	source := e.HTML()
	if strings.Contains(source, "f<int>") {
		t.Errorf("the name is not escaped:\n%s", source)
	}
	tag := regexp.MustCompile(`<[^>]*>`)
	text := strings.ReplaceAll(html.UnescapeString(tag.ReplaceAllString(source, "")), "\u00a0", " ")
	for _, line := range strings.Split(e.String(), "\n") {
		if line != e.parts() && !strings.Contains(text, line) {
			t.Errorf("no line %q in\n%s", line, text)
		}
	}
	for _, p := range e.Parts() {
		if !strings.Contains(source, "color:"+p.Colour()) || !strings.Contains(text, p.Name+" "+short(p.Time)) {
			t.Errorf("no %s in\n%s", p.Name, source)
		}
	}
	if open, closed := strings.Count(source, "<div"), strings.Count(source, "</div>"); open != closed || open < 4 {
		t.Errorf("%d div opened, %d closed", open, closed)
	}
	if source := (Explanation{}).HTML(); !strings.Contains(source, "nothing has been called") {
		t.Error(source)
	}
}

package show

import (
	"errors"
	"fmt"
	"html"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/goparallel/goparallel/internal/kernel/command"
	"github.com/goparallel/goparallel/internal/kernel/live"
	"github.com/goparallel/goparallel/internal/parallel/hooks"
	"github.com/goparallel/goparallel/kernel/display"
	"github.com/goparallel/goparallel/parallel"
)

// px is what %px, %pxresult and %pxconfig share.
var px struct {
	sync.Mutex
	defaults command.PXOptions
	last     *parallel.AsyncResult[parallel.Executed]
}

func registerPX() {
	command.AddPX(runPX)
	command.Add("px", func(arg string) error {
		options, source, _ := strings.Cut(arg, "\n")
		_, err := runPX(options, source)
		return err
	})
	command.Add("pxresult", func(string) error {
		px.Lock()
		last := px.last
		px.Unlock()
		if last == nil {
			return errors.New("%px has not run yet")
		}
		return showPX(last)
	})
	command.Add("pxconfig", func(arg string) error {
		px.Lock()
		defer px.Unlock()
		options := px.defaults
		if n, err := options.Parse(arg); err != nil {
			return err
		} else if rest := arg[n:]; rest != "" || options.Out != "" {
			return fmt.Errorf("%%pxconfig takes the options of %%px but -o, and there is %q", arg)
		}
		px.defaults = options
		return nil
	})
}

// runPX runs source on engines. If it is to wait, it shows what they show.
func runPX(text, source string) (*parallel.AsyncResult[parallel.Executed], error) {
	px.Lock()
	options := px.defaults
	px.Unlock()
	if _, err := options.Parse(text); err != nil {
		return nil, err
	}
	rc, _ := hooks.LastClient().(*parallel.Client)
	if rc == nil {
		return nil, errors.New("no engines run: start some in a cell, with rc, err := parallel.Start(context.Background(), 4)")
	}
	view, err := targets(rc, options.Targets)
	if err != nil {
		return nil, err
	}
	if options.Verbose {
		hooks.Warn(fmt.Sprintf("on the %v", view))
	}
	if options.Local { // first: what engines keep is not to look as if the session had changed it since
		f, err := hooks.Compile()(live.Context(), source)
		if err != nil {
			return nil, err
		}
		live.Unit(f.Module)()
	}
	r := view.Execute(source)
	px.Lock()
	px.last = r
	px.Unlock()
	if r.Ready() && r.Failure() != nil {
		return r, showPX(r)
	}
	if options.NoBlock {
		return r, nil
	}
	return r, showPX(r)
}

// targets is the view of the engines that a text such as "0,2", "1:3" or "all" names.
func targets(rc *parallel.Client, text string) (*parallel.DirectView, error) {
	if text == "" || text == "all" {
		return rc.All(), nil
	}
	ids := rc.IDs()
	if strings.Contains(text, ":") {
		chosen, err := slice(ids, text)
		if err == nil && len(chosen) == 0 {
			err = fmt.Errorf("%s is none of the engines %v", text, ids)
		}
		return rc.Targets(chosen...), err
	}
	var chosen []int
	for part := range strings.SplitSeq(text, ",") {
		id, err := strconv.Atoi(part)
		if err != nil {
			return nil, fmt.Errorf("%q names no engines; write 0,2 or 1:3 or all", text)
		}
		if id < 0 {
			id += len(ids)
		}
		chosen = append(chosen, id)
	}
	return rc.Targets(chosen...), nil
}

// slice takes the elements that a slice expression of Python, such as "1:", ":-1" or "::2", names.
func slice(ids []int, text string) (chosen []int, err error) {
	bounds := [3]int{0, len(ids), 1}
	for i, part := range strings.Split(text, ":") {
		if i > 2 {
			return nil, fmt.Errorf("%q has more than three parts", text)
		}
		if part == "" {
			continue
		}
		if bounds[i], err = strconv.Atoi(part); err != nil {
			return nil, fmt.Errorf("%q names no engines; write 0,2 or 1:3 or all", text)
		}
		if i < 2 && bounds[i] < 0 {
			bounds[i] += len(ids)
		}
	}
	if bounds[2] < 1 {
		return nil, fmt.Errorf("the step of %q has to be 1 or more", text)
	}
	for i := max(0, bounds[0]); i < min(bounds[1], len(ids)); i += bounds[2] {
		chosen = append(chosen, ids[i])
	}
	return chosen, nil
}

// showPX waits for the end, shows the value that each engine has, and returns their errors as one. What they show
// besides has been shown as it came.
func showPX(r *parallel.AsyncResult[parallel.Executed]) error {
	results, err := r.Get()
	for _, e := range results {
		for _, shown := range e.Shown {
			if shown.Result {
				showResult(e.Engine, shown)
			}
		}
	}
	if failed, ok := errors.AsType[*parallel.MapError](err); ok {
		return grouped(failed)
	}
	return err
}

// showResult shows the value that an engine has, with its number.
func showResult(engine int, shown parallel.Shown) {
	data := display.Data{}
	for mime, value := range shown.Data {
		switch {
		case strings.HasPrefix(mime, "image/") && !strings.HasSuffix(mime, "+xml"), strings.HasPrefix(mime, "audio/"), strings.HasPrefix(mime, "video/"), mime == "application/pdf":
			data[mime] = value
		default:
			data[mime] = string(value)
		}
	}
	label := fmt.Sprintf("Out[%d]:", engine)
	if Label(data, label) {
		display.Show(display.Data{"text/plain": label})
	}
	display.Show(data)
}

// Label writes whose it is into what an engine shows. It returns true where a label should stand before that as well: a picture would
// stand without.
func Label(data map[string]any, label string) bool {
	text, _ := data["text/plain"].(string)
	data["text/plain"] = label + " " + text
	markup, isHTML := data["text/html"].(string)
	if isHTML {
		data["text/html"] = "<div>" + html.EscapeString(label) + "</div>" + markup
	}
	markdown, isMarkdown := data["text/markdown"].(string)
	if isMarkdown {
		data["text/markdown"] = "`" + label + "`\n\n" + markdown
	}
	return !isHTML && !isMarkdown && len(data) > 1
}

// grouped is the error of engines that failed: those that failed alike together.
func grouped(failed *parallel.MapError) error {
	type group struct {
		text    string
		first   *parallel.RemoteError
		engines []int
	}
	var groups []*group
	for _, f := range failed.Failures {
		text := f.Value
		if f.Panic {
			text = "panic: " + text
		}
		i := slices.IndexFunc(groups, func(g *group) bool { return g.text == text && g.first.Stack == f.Stack })
		if i < 0 {
			i, groups = len(groups), append(groups, &group{text: text, first: f})
		}
		groups[i].engines = append(groups[i].engines, f.Engine)
	}
	var lines []string
	if failed.Cause != nil {
		lines = append(lines, failed.Cause.Error())
	}
	for _, g := range groups {
		slices.Sort(g.engines)
		who := fmt.Sprintf("engine %d", g.engines[0])
		if len(g.engines) > 1 {
			who = "engines " + strings.ReplaceAll(strings.Trim(fmt.Sprint(g.engines), "[]"), " ", ", ")
		}
		lines = append(lines, who+": "+g.text)
	}
	out := live.Failure{Name: "EngineError", Value: strings.Join(lines, "\n")}
	if len(groups) > 0 {
		out.Stack, out.Engine = groups[0].first.Stack, groups[0].first.Engine
	}
	return out
}

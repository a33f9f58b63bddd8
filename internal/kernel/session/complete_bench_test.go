package session_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"
)

// BenchmarkComplete asks for completions in a session that uses gonum, as one
// does who types: each answer is for another text. It reports the median, and the
// first answer after the imports, which reads what the packages export.
func BenchmarkComplete(b *testing.B) {
	const plot = "func draw(m *mat.Dense) (*plot.Plot, error) {\n\tp := plot.New()\n\tp.Title.Text = \"é漢😀\"\n\tpts := make(plotter.XYs, 10)\n\tfor i := range pts {\n\t\tpts[i].X = m.At(i, 0)\n\t}\n\t"
	for _, bench := range []struct{ name, code, want string }{
		{"package", "mat.NewD|", "NewDense"},
		{"method", "m.Mu|", "Mul"},
		{"name", "pl|", "plot"},
		{"function", plot + "line, err := plotter.NewL|\n}", "NewLine"},
		{"promoted", plot + "p.X.Tick|\n}", "Tick"},
		{"key", "plotter.Line{|", "XYs: "},
		{"notImported", "optimize := bytes.NewB|", "NewBuffer"},
		{"broken", plot + "line, err := := 3\n\tp.Ad|", "Add"},
	} {
		b.Run(bench.name, func(b *testing.B) {
			n := open(b)
			if out := n.run("import (\"gonum.org/v1/gonum/mat\"; \"gonum.org/v1/plot\"; \"gonum.org/v1/plot/plotter\")\nm := mat.NewDense(10, 10, nil)\n_, _ = plot.New(), plotter.XYs{}"); out != "" {
				b.Fatal(out)
			}
			var took []time.Duration
			before, after, _ := strings.Cut(bench.code, "|")
			for b.Loop() {
				code := strings.Repeat("\n", len(took)%50) + before
				began := time.Now()
				got := n.session.Complete(context.Background(), code+after, len([]rune(code)))
				took = append(took, time.Since(began))
				if !slices.ContainsFunc(texts(got), func(s string) bool { return strings.HasSuffix(s, bench.want) }) {
					b.Fatalf("%s: got %q", bench.code, texts(got))
				}
			}
			b.ReportMetric(float64(took[0].Microseconds())/1000, "ms-first")
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-median")
		})
	}
}

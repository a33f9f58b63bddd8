package docs

import (
	"fmt"
	"go/doc"
	"go/doc/comment"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// A Page is the documentation of one thing, as front ends show it.
type Page struct {
	Code    string // its declaration
	Where   string // where that is
	Comment string // as in the source, without the marks of a comment
	pkg     *doc.Package
	example example
	Source  string // its declaration with the body, where that was asked for
}

// example shows the use of something.
type example struct{ code, output string }

// Bundle sets the page as plain text and as Markdown.
func (p *Page) Bundle() cell.Bundle {
	pkg := p.pkg
	if pkg == nil {
		pkg = &doc.Package{}
	}
	printer := pkg.Printer()
	printer.DocLinkBaseURL = "https://pkg.go.dev"
	printer.HeadingLevel = 4
	printer.HeadingID = func(*comment.Heading) string { return "" }
	parsed := pkg.Parser().Parse(p.Comment)

	var plain, markdown []string
	code := func(text string) { markdown = append(markdown, "```go\n"+text+"\n```") }
	plain = append(plain, p.Code)
	code(p.Code)
	if p.Where != "" {
		plain = append(plain, p.Where)
		markdown = append(markdown, "*"+p.Where+"*")
	}
	if p.Comment != "" {
		plain = append(plain, strings.TrimSpace(string(printer.Text(parsed))))
		markdown = append(markdown, strings.TrimSpace(string(printer.Markdown(parsed))))
	}
	if p.example.code != "" {
		plain = append(plain, "Example:\n\n"+indent(p.example.code))
		markdown = append(markdown, "Example:")
		code(p.example.code)
		if p.example.output != "" {
			plain = append(plain, "Output:\n\n"+indent(p.example.output))
			markdown = append(markdown, "Output:", "```\n"+p.example.output+"\n```")
		}
	}
	if p.Source != "" {
		plain = append(plain, "Source:\n\n"+p.Source)
		markdown = append(markdown, "Source:")
		code(p.Source)
	}
	return cell.Bundle{"text/plain": strings.Join(plain, "\n\n"), "text/markdown": strings.Join(markdown, "\n\n")}
}

func indent(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n    ")
}

// importLine is where a package's documentation says that something is.
func importLine(path string) string {
	if path == "builtin" {
		return "Part of the language."
	}
	return fmt.Sprintf("import %q", path)
}

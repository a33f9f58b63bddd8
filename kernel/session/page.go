package session

import (
	"fmt"
	"go/doc"
	"go/doc/comment"
	"strings"

	"github.com/goparallel/goparallel/kernel/cell"
)

// A page is the documentation of one thing, as front ends show it.
type page struct {
	code    string // its declaration
	where   string // where that is
	comment string // as in the source, without the marks of a comment
	pkg     *doc.Package
	example example
	source  string
}

// example shows the use of something.
type example struct{ code, output string }

// bundle sets the page as plain text and as Markdown.
func (p *page) bundle() cell.Bundle {
	pkg := p.pkg
	if pkg == nil {
		pkg = &doc.Package{}
	}
	printer := pkg.Printer()
	printer.DocLinkBaseURL = "https://pkg.go.dev"
	printer.HeadingLevel = 4
	printer.HeadingID = func(*comment.Heading) string { return "" }
	parsed := pkg.Parser().Parse(p.comment)

	var plain, markdown []string
	code := func(text string) { markdown = append(markdown, "```go\n"+text+"\n```") }
	plain = append(plain, p.code)
	code(p.code)
	if p.where != "" {
		plain = append(plain, p.where)
		markdown = append(markdown, "*"+p.where+"*")
	}
	if p.comment != "" {
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
	if p.source != "" {
		plain = append(plain, "Source:\n\n"+p.source)
		markdown = append(markdown, "Source:")
		code(p.source)
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

package repl

import (
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strconv"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// cellNamed is a cell, or a line of one, as what the kernel says names it.
var cellNamed = regexp.MustCompile(`cell\[(\d+)\](?:(?::|, line )(\d+))?`)

// toLine puts the cursor on a line once the link that it belongs to has brought the cell to the
// screen: JupyterLab and Notebook 7 go to cells by themselves, but not to lines. It knows their pages
// by class names alone, so elsewhere it finds nothing and does nothing. So it is in a notebook that is
// not trusted, whose links lose it.
const toLine = `const book=this.closest('.jp-Notebook');let tries=20;const go=()=>{` +
	`const cell=[...book.querySelectorAll('.jp-CodeCell')].find(c=>c.querySelector('.jp-InputPrompt')?.textContent==='[%d]:');` +
	`const line=cell?.querySelectorAll('.cm-line')[%d];` +
	`if(line){cell.querySelector('.cm-content').focus({preventScroll:true});getSelection().collapse(line,0);setTimeout(()=>line.scrollIntoView({block:'center'}),50)}` +
	`else if(tries--)setTimeout(go,100)};if(book)setTimeout(go,300)`

// linked makes links of the cells that a piece of HTML names, where the front end has said which
// cells they are. The cell that runs is not among the past ones yet.
func (r *Interpreter) linked(markup string, running *pastCell) string {
	return cellNamed.ReplaceAllStringFunc(markup, func(text string) string {
		m := cellNamed.FindStringSubmatch(text)
		count, _ := strconv.Atoi(m[1])
		c := r.past.cell(count)
		if running != nil && running.count == count {
			c = running
		}
		if c == nil || c.id == "" {
			return text
		}
		script := ""
		if line, err := strconv.Atoi(m[2]); err == nil && line > 0 {
			script = fmt.Sprintf(` onclick="%s"`, html.EscapeString(fmt.Sprintf(toLine, count, line-1)))
		}
		return fmt.Sprintf(`<a href="#cell-id=%s"%s>%s</a>`, url.PathEscape(c.id), script, text)
	})
}

// linkedOutput makes links of the cells that are named in what it displays. It is for what the
// kernel says of cells; what a cell displays is its own.
type linkedOutput struct {
	cell.Output
	r *Interpreter
}

// Display shows a bundle with links in its HTML.
func (o linkedOutput) Display(data cell.Bundle, metadata map[string]any, id string) {
	if markup, ok := data["text/html"].(string); ok {
		data["text/html"] = o.r.linked(markup, nil)
	}
	o.Output.Display(data, metadata, id)
}

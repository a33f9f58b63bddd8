package magic

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// Argument is what stands behind a magic's name, for completion.
type Argument int

// What magics take.
const (
	Nothing     Argument = iota
	Folder               // a folder's name
	Script               // a line for the shell
	Environment          // the name of an environment variable
	Module               // a module's path
	Declared             // names that the session has declared
	Magic                // the name of a magic
	File                 // a file's name
)

// option is one option of a magic: -n, and what follows it, if anything.
type option struct{ name, value, doc string }

// Place is the part of a magic that the cursor is in.
type Place struct {
	// Word is what stands before the cursor and is to be completed, and Start where
	// it begins in the cell, in code points.
	Word  string
	Start int
	// Wants says what kind of word it is.
	Wants Argument
	// Items are the names of magics and options that Word may become.
	Items []cell.Completion
}

// At looks at the magic around the cursor, which is in code points; ok is false
// where there is none, or the cursor is in the Go code behind it.
func At(code string, cursor int) (p Place, ok bool) {
	before := string([]rune(code)[:cursor])
	number := strings.Count(before, "\n")
	before = before[strings.LastIndexByte(before, '\n')+1:]
	lines := strings.Split(code, "\n")
	prefix, first := "%", firstLine(lines)
	if blockBegins(lines, first) {
		l := &line{text: lines[first]}
		if d, err := l.definition("%%"); number > first && err == nil && d.commandBlock {
			return p.word(before, cursor, shellWord(before), Script), true
		}
		if number == first {
			prefix = "%%"
		}
	}
	trimmed := strings.TrimLeft(before, " \t")
	if command, ok := assignment(before, func() map[string]int { return countWords(lines) }, nil); ok {
		return p.word(before, cursor, shellWord(command), Script), true
	}
	if prefix == "%" {
		found, _ := findMagics(lines, nil)
		if !slices.ContainsFunc(found, func(l *line) bool { return l.number == number+1 }) {
			return p, false
		}
	}
	switch {
	case strings.HasPrefix(trimmed, "!"), strings.HasPrefix(trimmed, "$"):
		return p.word(before, cursor, shellWord(before), Script), true
	case strings.HasPrefix(trimmed, "?") && strings.HasPrefix(strings.TrimLeft(trimmed, "? "), "%"):
		trimmed = strings.TrimLeft(trimmed, "? ")
	case !strings.HasPrefix(trimmed, "%"):
		return p, false // a question about a Go name
	}
	if !strings.ContainsAny(trimmed, " \t") {
		p = p.word(before, cursor, trimmed, Nothing)
		p.Items = names(trimmed, number == first)
		return p, true
	}
	l := &line{text: before}
	d, err := l.definition(prefix)
	if err != nil || d == nil {
		return p.word(before, cursor, "", Nothing), true
	}
	word := before[strings.LastIndexAny(before, " \t")+1:]
	if d.awaitsOption(strings.Fields(before[l.arg:len(before)-len(word)])) && strings.HasPrefix(word, "-") {
		p = p.word(before, cursor, word, Nothing)
		for _, o := range d.options {
			if strings.HasPrefix(o.name, word) {
				p.Items = append(p.Items, cell.Completion{Text: o.name, Kind: "option", Signature: strings.TrimSpace(o.value + "  " + o.doc)})
			}
		}
		return p, true
	}
	if d.code != nil {
		return p, false
	}
	return p.word(before, cursor, word, d.takes), true
}

// word fills in the word that ends at the cursor.
func (p Place) word(before string, cursor int, word string, wants Argument) Place {
	return Place{Word: word, Start: cursor - utf8.RuneCountInString(word), Wants: wants}
}

// shellWord returns the word of a shell script that ends a text.
func shellWord(text string) string {
	start := len(text)
	for start > 0 && (!strings.ContainsRune(" \t!|&;<>()\"'=`$", rune(text[start-1])) || start > 1 && text[start-2] == '\\') {
		start--
	}
	return text[start:]
}

// awaitsOption reports whether another option can follow those words.
func (d *definition) awaitsOption(words []string) bool {
	for i := 0; i < len(words); i++ {
		n := slices.IndexFunc(d.options, func(o option) bool { return strings.HasPrefix(words[i], o.name) })
		if n < 0 {
			return false
		}
		if d.options[n].value != "" && words[i] == d.options[n].name {
			i++ // its value
		}
	}
	return true
}

// names lists the magics that begin with a prefix; cell magics stand on the
// first line only.
func names(prefix string, first bool) (items []cell.Completion) {
	all, blocks := Names()
	if first {
		all = append(all, blocks...)
	}
	for _, name := range all {
		if strings.HasPrefix(name, prefix) {
			items = append(items, cell.Completion{Text: name, Kind: "magic", Signature: table[strings.TrimLeft(name, "%")].usage})
		}
	}
	return items
}

package syntax

import (
	"slices"
	"strings"
)

// An Edit replaces the bytes from start to end of a text.
type Edit struct {
	Start, End int
	Text       string
}

// ApplyEdits returns src[start:end] with the edits that lie inside it. Edits
// that begin at the same place are applied in the order given; edits do not
// overlap, except that one which covers others wins over them.
func ApplyEdits(src []byte, start, end int, edits []Edit) string {
	inside := make([]Edit, 0, len(edits))
	for _, e := range edits {
		if e.Start >= start && e.End <= end {
			inside = append(inside, e)
		}
	}
	slices.SortStableFunc(inside, func(a, b Edit) int {
		if a.Start != b.Start {
			return a.Start - b.Start
		}
		// An insertion comes before a replacement that starts at the same byte.
		return (a.End - a.Start) - (b.End - b.Start)
	})
	var out strings.Builder
	at := start
	for _, e := range inside {
		if e.Start < at {
			continue // covered by an edit before it
		}
		out.Write(src[at:e.Start])
		out.WriteString(e.Text)
		at = e.End
	}
	out.Write(src[at:end])
	return out.String()
}

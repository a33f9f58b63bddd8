package session

import (
	"slices"
	"strings"
)

// An edit replaces the bytes from start to end of a text.
type edit struct {
	start, end int
	text       string
}

// applyEdits returns src[start:end] with the edits that lie inside it. Edits
// that begin at the same place are applied in the order given; edits do not
// overlap, except that one which covers others wins over them.
func applyEdits(src []byte, start, end int, edits []edit) string {
	inside := make([]edit, 0, len(edits))
	for _, e := range edits {
		if e.start >= start && e.end <= end {
			inside = append(inside, e)
		}
	}
	slices.SortStableFunc(inside, func(a, b edit) int {
		if a.start != b.start {
			return a.start - b.start
		}
		// An insertion comes before a replacement that starts at the same byte.
		return (a.end - a.start) - (b.end - b.start)
	})
	var out strings.Builder
	at := start
	for _, e := range inside {
		if e.start < at {
			continue // covered by an edit before it
		}
		out.Write(src[at:e.start])
		out.WriteString(e.text)
		at = e.end
	}
	out.Write(src[at:end])
	return out.String()
}

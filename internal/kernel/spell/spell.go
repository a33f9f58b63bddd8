// Package spell finds what somebody meant who mistyped a name.
package spell

import (
	"fmt"
	"slices"
	"strings"
)

// Nearest returns the name that is written most like a wrong one, or "" where
// none is like it: up to a third of the letters may differ. One that differs in nothing but
// capitals is nearest; of several the first in the order of the alphabet is returned.
func Nearest(wrong string, names []string) string {
	if i := slices.IndexFunc(names, func(name string) bool { return name != wrong && strings.EqualFold(name, wrong) }); i >= 0 && len(wrong) > 1 {
		return names[i]
	}
	best, distance := "", max(len(wrong)/3, min(len(wrong)-2, 1))+1
	for _, name := range names {
		if d := editDistance(wrong, name); d < distance || d == distance && best != "" && name < best {
			best, distance = name, d
		}
	}
	return best
}

// Suggest asks whether the nearest of names was meant, with a prefix before it; it is ""
// where none is near.
func Suggest(prefix, wrong string, names []string) string {
	if best := Nearest(wrong, names); best != "" {
		return fmt.Sprintf("did you mean %s%s?", prefix, best)
	}
	return ""
}

// editDistance is the Levenshtein distance of two names.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(diagonal+cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

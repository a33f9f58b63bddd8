// Package spell finds what somebody meant who mistyped a name.
package spell

// Nearest returns the name that is written most like a wrong one, or "" where
// none is like it: up to a third of the letters may differ. Of several the first
// in the order of the alphabet is returned.
func Nearest(wrong string, names []string) string {
	best, distance := "", max(len(wrong)/3, min(len(wrong)-2, 1))+1
	for _, name := range names {
		if d := editDistance(wrong, name); d < distance || d == distance && best != "" && name < best {
			best, distance = name, d
		}
	}
	return best
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

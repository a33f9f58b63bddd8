// Package format writes times and numbers as people read them: in results of measurements, explanations, tables and
// plots.
package format

import (
	"math"
	"strconv"
	"strings"
)

// Time writes a time in IPython's way with the given number of
// significant digits: "1min 2s" from a minute on, and below it a number in
// s, ms, μs or ns. The mu is the Greek letter, U+03BC.
func Time(seconds float64, precision int) string {
	if seconds >= 60 {
		return long(seconds)
	}
	units := []string{"s", "ms", "μs", "ns"}
	thousand := len(units) - 1
	if seconds > 0 {
		thousand = min(-int(math.Floor(math.Floor(log10(seconds))/3)), thousand)
	}
	scale := []float64{1, 1e3, 1e6, 1e9}[thousand]
	return strconv.FormatFloat(seconds*scale, 'g', precision, 64) + " " + units[thousand]
}

// Short writes a time as [Time] does with three digits, and in the next unit where that has an exponent, as IPython's has: "1 s" and not
// "1e+03 ms".
func Short(seconds float64) string { return Time(rounded(seconds, 3), 3) }

// Figure writes a number with so many significant digits, without an exponent, and its thousands set apart by commas: "2,300", "18", "0.52".
func Figure(x float64, digits int) string {
	whole, fraction, dotted := strings.Cut(strconv.FormatFloat(rounded(x, digits), 'f', -1, 64), ".")
	if n, err := strconv.Atoi(whole); err == nil && n != 0 {
		whole = Grouped(n)
	}
	if dotted {
		whole += "." + fraction
	}
	return whole
}

// rounded is a number with so many significant digits.
func rounded(x float64, digits int) float64 {
	r, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', digits, 64), 64)
	return r
}

// long writes days, hours, minutes and whole seconds, those that are not
// zero, and ends where less than a second is left.
func long(seconds float64) string {
	var parts []string
	for _, unit := range []struct {
		name   string
		length float64
	}{{"d", 86400}, {"h", 3600}, {"min", 60}, {"s", 1}} {
		if n := math.Floor(seconds / unit.length); n > 0 {
			parts = append(parts, strconv.FormatFloat(n, 'f', 0, 64)+unit.name)
			seconds = math.Mod(seconds, unit.length)
		}
		if seconds < 1 {
			break
		}
	}
	return strings.Join(parts, " ")
}

// log10 is math.Log10 made exact at the powers of ten, where an error in the
// last bit would change the unit.
func log10(x float64) float64 {
	l := math.Log10(x)
	if whole := math.Round(l); math.Abs(l-whole) < 1e-15 {
		return whole
	}
	return l
}

// Count writes "1 run" or "1,000 runs".
func Count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return Grouped(n) + " " + noun
}

// Grouped sets the thousands of a number apart by commas.
func Grouped(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

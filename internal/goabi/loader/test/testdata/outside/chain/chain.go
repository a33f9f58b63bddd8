// Package chain is initialised after what it imports.
package chain

import "example.com/outside/vec"

// Order says in which order things were initialised.
var Order = append(first(), vec.Add(1, 1))

// Names is a map large enough for a function that fills it.
var Names = map[string]int{"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
	"a": 1, "b": 1, "c": 1, "d": 1, "e": 1, "f": 1, "g": 1, "h": 1, "i": 1, "j": 1, "k": 1, "l": 1, "m": 1, "n": 1, "o": 1, "p": 1}

func first() []int { return []int{1} }

func init() { Order = append(Order, 3) }

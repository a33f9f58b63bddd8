// Sweep computes how an epidemic ends for a grid of parameters, on engines, and plots it.
//
//	go run ./examples/sweep -o sweep.png
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"runtime"

	"gonum.org/v1/plot/vg"

	"github.com/goparallel/goparallel/parallel"
	"github.com/goparallel/goparallel/plots"
)

// Epidemic is one point of the grid.
type Epidemic struct {
	Contagion float64 // people that one infects in a day, before anybody is immune
	Recovery  float64 // part of the infected that recovers in a day
}

// Course is what becomes of an epidemic.
type Course struct {
	Peak  float64 // the largest part of all people that is infected at once
	Total float64 // the part that was infected at the end
}

var follow = parallel.Func("follow", func(e Epidemic) Course {
	const step = 0.001 // days
	susceptible, infected := 1-1e-6, 1e-6
	var c Course
	for infected > 1e-7 {
		caught := e.Contagion * susceptible * infected * step
		susceptible -= caught
		infected += caught - e.Recovery*infected*step
		c.Peak = max(c.Peak, infected)
	}
	c.Total = 1 - susceptible
	return c
})

func main() {
	parallel.Init()
	file := flag.String("o", "sweep.png", "where the plot goes")
	flag.Parse()
	if err := sweep(*file, 24); err != nil {
		log.Fatal(err)
	}
	fmt.Println(*file)
}

// sweep follows n by n epidemics, and plots the peaks.
func sweep(file string, n int) error {
	rc, err := parallel.Start(context.Background(), runtime.NumCPU())
	if err != nil {
		return err
	}
	defer rc.Close()
	var grid []Epidemic
	for i := range n {
		for k := range n {
			grid = append(grid, Epidemic{Contagion: 0.1 + 0.9*float64(k)/float64(n), Recovery: 0.05 + 0.4*float64(i)/float64(n)})
		}
	}
	courses, err := rc.LoadBalanced().MapSync(follow, grid)
	if err != nil {
		return err
	}
	peaks := make([][]float64, n)
	for i := range peaks {
		for k := range n {
			peaks[i] = append(peaks[i], courses[i*n+k].Peak)
		}
	}
	p := plots.Heatmap(peaks)
	p.Title.Text = "Infected at once: " + p.Title.Text
	p.X.Label.Text, p.Y.Label.Text = "contagion, from 0.1 to 1 a day", "recovery, from 0.05 to 0.45 a day"
	return p.Save(12*vg.Centimeter, 10*vg.Centimeter, file)
}

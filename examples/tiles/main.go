// Tiles draws the Mandelbrot set. Each tile of the picture is an item, and since tiles take very different
// times, a load-balanced view shares them out; each is drawn in as soon as it comes.
//
//	go run ./examples/tiles -o mandelbrot.png
package main

import (
	"context"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"log"
	"math/cmplx"
	"os"
	"runtime"

	"github.com/goparallel/goparallel/parallel"
)

// Tile is a part of a picture of a size.
type Tile struct {
	Part image.Rectangle
	Size image.Point
}

const mostSteps = 1000

// draw returns the grey of each point of a tile, row by row.
var draw = parallel.Func("draw", func(t Tile) []uint8 {
	pixels := make([]uint8, 0, t.Part.Dx()*t.Part.Dy())
	for y := t.Part.Min.Y; y < t.Part.Max.Y; y++ {
		for x := t.Part.Min.X; x < t.Part.Max.X; x++ {
			c := complex(3*float64(x)/float64(t.Size.X)-2.2, 3*float64(y)/float64(t.Size.Y)-1.5)
			steps := 0
			for z := c; steps < mostSteps && cmplx.Abs(z) < 2; steps++ {
				z = z*z + c
			}
			pixels = append(pixels, uint8(255-255*steps/mostSteps))
		}
	}
	return pixels
})

func main() {
	parallel.Init()
	file := flag.String("o", "mandelbrot.png", "where the picture goes")
	size := flag.Int("size", 1024, "of the picture in pixels")
	flag.Parse()
	if err := save(*file, *size, 64); err != nil {
		log.Fatal(err)
	}
	fmt.Println(*file)
}

// save draws a square picture in tiles.
func save(file string, size, tile int) error {
	rc, err := parallel.Start(context.Background(), runtime.NumCPU())
	if err != nil {
		return err
	}
	defer rc.Close()
	picture := image.NewGray(image.Rect(0, 0, size, size))
	var tiles []Tile
	for y := 0; y < size; y += tile {
		for x := 0; x < size; x += tile {
			tiles = append(tiles, Tile{image.Rect(x, y, x+tile, y+tile).Intersect(picture.Rect), picture.Rect.Size()})
		}
	}
	r := rc.LoadBalanced().Map(draw, tiles)
	for i, drawn := range r.Arriving() {
		if drawn.Err != nil {
			return drawn.Err
		}
		part := tiles[i].Part
		for k, grey := range drawn.Value {
			picture.SetGray(part.Min.X+k%part.Dx(), part.Min.Y+k/part.Dx(), color.Gray{Y: grey})
		}
	}
	if _, err := r.Get(); err != nil {
		return err
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := png.Encode(f, picture); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

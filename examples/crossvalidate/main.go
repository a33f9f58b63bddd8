// Crossvalidate chooses how strong a ridge regression is to be, by k-fold cross-validation: each fold of each
// strength is an item, and the data is pushed to the engines once.
//
//	go run ./examples/crossvalidate
package main

import (
	"cmp"
	"context"
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/goparallel/goparallel/parallel"
)

// Data are rows of features and the values that belong to them.
type Data struct {
	Features int
	X        []float64 // row by row
	Y        []float64
}

// Trial is one fold with one strength.
type Trial struct {
	Strength    float64
	Fold, Folds int
}

// Score is a strength, and the mean of the squared errors on data that was left out.
type Score struct{ Strength, Error float64 }

var try = parallel.FuncErr("try", func(t Trial) (float64, error) {
	data, err := parallel.Get[Data]("data")
	if err != nil {
		return 0, err
	}
	weights, err := fit(data, t)
	if err != nil {
		return 0, err
	}
	sum, n := 0.0, 0
	for row := t.Fold; row < len(data.Y); row += t.Folds {
		x := mat.NewVecDense(data.Features, data.X[row*data.Features:][:data.Features])
		sum += math.Pow(mat.Dot(x, weights)-data.Y[row], 2)
		n++
	}
	return sum / float64(n), nil
})

// fit solves for the weights, without the rows of the trial's fold.
func fit(data Data, t Trial) (*mat.VecDense, error) {
	n := data.Features
	gram, right := mat.NewSymDense(n, nil), mat.NewVecDense(n, nil)
	for i := range n {
		gram.SetSym(i, i, t.Strength)
	}
	for row, y := range data.Y {
		if row%t.Folds == t.Fold {
			continue
		}
		x := mat.NewVecDense(n, data.X[row*n:][:n])
		gram.SymRankOne(gram, 1, x)
		right.AddScaledVec(right, y, x)
	}
	var c mat.Cholesky
	if !c.Factorize(gram) {
		return nil, fmt.Errorf("fold %d with strength %g has no solution", t.Fold, t.Strength)
	}
	weights := mat.NewVecDense(n, nil)
	return weights, c.SolveVecTo(weights, right)
}

func main() {
	parallel.Init()
	scores, err := validate(sample(2000, 60), 10)
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range scores {
		fmt.Printf("%10.3g %8.4f\n", s.Strength, s.Error)
	}
	best := slices.MinFunc(scores, func(a, b Score) int { return cmp.Compare(a.Error, b.Error) })
	fmt.Printf("best: %.3g\n", best.Strength)
}

// validate scores some strengths.
func validate(data Data, folds int) ([]Score, error) {
	rc, err := parallel.Start(context.Background(), runtime.NumCPU())
	if err != nil {
		return nil, err
	}
	defer rc.Close()
	if err := rc.All().Push("data", data); err != nil {
		return nil, err
	}
	var trials []Trial
	for exponent := -2.0; exponent <= 4; exponent++ {
		for fold := range folds {
			trials = append(trials, Trial{math.Pow(10, exponent), fold, folds})
		}
	}
	errs, err := rc.LoadBalanced().MapErrSync(try, trials)
	if err != nil {
		return nil, err
	}
	var scores []Score
	for i, t := range trials {
		if t.Fold == 0 {
			scores = append(scores, Score{Strength: t.Strength})
		}
		scores[len(scores)-1].Error += errs[i] / float64(folds)
	}
	return scores, nil
}

// sample makes data of which few features matter.
func sample(rows, features int) Data {
	random := rand.New(rand.NewPCG(1, 2))
	data := Data{Features: features}
	for range rows {
		y := 0.0
		for i := range features {
			x := random.NormFloat64()
			data.X = append(data.X, x)
			y += x / float64((i+1)*(i+1))
		}
		data.Y = append(data.Y, y+3*random.NormFloat64())
	}
	return data
}

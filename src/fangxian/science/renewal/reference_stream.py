"""The random stream of R, so that a published simulation can be repeated to the last digits.

Written from the papers: the Mersenne Twister (Matsumoto and Nishimura 1998, DOI 10.1145/272991.272995);
normals by inversion of a uniform of 54 bits, the inverse by Wichura's AS 241 (1988, DOI 10.2307/2347330);
gammas by Ahrens and Dieter's rejection from the normal, GD, for shapes of 1 and more (1982, DOI
10.1145/358315.358390), and by their GS below (1974, DOI 10.1007/BF02293108); exponentials by their SA (1972,
DOI 10.1145/355604.361593). These are the choices of R since version 1.7: ``Mersenne-Twister`` and
``Inversion``.

Use it to repeat what R did. For anything else take a counter-based stream.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fangxian.base.compiled import compiled

State = NDArray[np.uint32]
"""Words of the Mersenne Twister, and behind them how many of them are used up."""

WORDS = 624
MIDDLE = 397
WARM_UP = 50
CONGRUENTIAL = 69069
HALF_STEP = 0.5 / (2.0**32 - 1)
FINE = 2.0**27
LN2 = math.log(2.0)
HALVINGS = np.cumsum(np.array([LN2**k / math.factorial(k) for k in range(1, 17)]))
"""Of algorithm SA: sums of ln(2)^k / k!, which grow to 1."""
ROOT_32 = 5.656854
LEAST_T = -0.71874483771719
BY_SHAPE = (4.166669e-2, 2.083148e-2, 8.01191e-3, 1.44121e-3, -7.388e-5, 2.4511e-4, 2.424e-4)
BY_STEP = (0.3333333, -0.250003, 0.2000062, -0.1662921, 0.1423657, -0.1367177, 0.1233795)

CENTRE_ABOVE = (
    3.3871328727963666080e0,
    1.3314166789178437745e2,
    1.9715909503065514427e3,
    1.3731693765509461125e4,
    4.5921953931549871457e4,
    6.7265770927008700853e4,
    3.3430575583588128105e4,
    2.5090809287301226727e3,
)
CENTRE_BELOW = (
    1.0,
    4.2313330701600911252e1,
    6.8718700749205790830e2,
    5.3941960214247511077e3,
    2.1213794301586595867e4,
    3.9307895800092710610e4,
    2.8729085735721942674e4,
    5.2264952788528545610e3,
)
TAIL_ABOVE = (
    1.42343711074968357734e0,
    4.63033784615654529590e0,
    5.76949722146069140550e0,
    3.64784832476320460504e0,
    1.27045825245236838258e0,
    2.41780725177450611770e-1,
    2.27238449892691845833e-2,
    7.74545014278341407640e-4,
)
TAIL_BELOW = (
    1.0,
    2.05319162663775882187e0,
    1.67638483018380384940e0,
    6.89767334985100004550e-1,
    1.48103976427480074590e-1,
    1.51986665636164571966e-2,
    5.47593808499534494600e-4,
    1.05075007164441684324e-9,
)
FAR_ABOVE = (
    6.65790464350110377720e0,
    5.46378491116411436990e0,
    1.78482653991729133580e0,
    2.96560571828504891230e-1,
    2.65321895265761230930e-2,
    1.24266094738807843860e-3,
    2.71155556874348757815e-5,
    2.01033439929228813265e-7,
)
FAR_BELOW = (
    1.0,
    5.99832206555887937690e-1,
    1.36929880922735805310e-1,
    1.48753612908506148525e-2,
    7.86869131145613259100e-4,
    1.84631831751005468180e-5,
    1.42151175831644588870e-7,
    2.04426310338993978564e-15,
)


def reference_state(seed: int) -> State:
    """Return the stream that R has after ``set.seed(seed)``.

    Parameters
    ----------
    seed : int
        From -2147483647 to 2147483647, as in R.

    Returns
    -------
    State
        Changed in place by every draw.

    Raises
    ------
    ValueError
        If the seed is no such number.
    """
    if not -(2**31) < seed < 2**31:
        raise ValueError(
            f"a seed of R lies between -2147483647 and 2147483647 (got {seed}); take a smaller one"
        )
    word = seed % 2**32
    for _ in range(WARM_UP + 1):
        word = (CONGRUENTIAL * word + 1) % 2**32
    state = np.empty(WORDS + 1, dtype=np.uint32)
    for index in range(WORDS):
        word = (CONGRUENTIAL * word + 1) % 2**32
        state[index] = word
    state[WORDS] = WORDS
    return state


@compiled(nogil=True)
def draw_uniform(state: State) -> float:
    """Return a number strictly between 0 and 1."""
    if state[WORDS] >= WORDS:
        for index in range(WORDS):
            joined = (state[index] & np.uint32(0x80000000)) | (
                state[(index + 1) % WORDS] & np.uint32(0x7FFFFFFF)
            )
            twist = np.uint32(0x9908B0DF) if joined & np.uint32(1) else np.uint32(0)
            state[index] = state[(index + MIDDLE) % WORDS] ^ (joined >> np.uint32(1)) ^ twist
        state[WORDS] = 0
    word = state[state[WORDS]]
    state[WORDS] += np.uint32(1)
    word ^= word >> np.uint32(11)
    word ^= (word << np.uint32(7)) & np.uint32(0x9D2C5680)
    word ^= (word << np.uint32(15)) & np.uint32(0xEFC60000)
    word ^= word >> np.uint32(18)
    return min(max(float(word) * 2.3283064365386963e-10, HALF_STEP), 1.0 - HALF_STEP)


@compiled(nogil=True)
def draw_normal(state: State) -> float:
    """Return a standard normal by inversion, from two uniforms."""
    coarse = math.floor(FINE * draw_uniform(state))
    return _normal_quantile((coarse + draw_uniform(state)) / FINE)


@compiled(nogil=True)
def _normal_quantile(probability: float) -> float:
    """Return the standard normal quantile by AS 241, to about 16 digits."""
    off = probability - 0.5
    if abs(off) <= 0.425:
        square = 0.180625 - off * off
        return off * _polynomial(CENTRE_ABOVE, square) / _polynomial(CENTRE_BELOW, square)
    root = math.sqrt(-math.log(min(probability, 1.0 - probability)))
    if root <= 5.0:
        size = _polynomial(TAIL_ABOVE, root - 1.6) / _polynomial(TAIL_BELOW, root - 1.6)
    else:
        size = _polynomial(FAR_ABOVE, root - 5.0) / _polynomial(FAR_BELOW, root - 5.0)
    return size if off > 0 else -size


@compiled(nogil=True)
def _polynomial(coefficients: tuple[float, ...], at: float) -> float:
    value = 0.0
    for index in range(len(coefficients) - 1, -1, -1):
        value = value * at + coefficients[index]
    return value


@compiled(nogil=True)
def draw_exponential(state: State) -> float:
    """Return an exponential of mean 1 by algorithm SA."""
    whole, part = 0.0, 2.0 * draw_uniform(state)
    while part <= 1.0:
        whole += LN2
        part *= 2.0
    part -= 1.0
    if part <= LN2:
        return whole + part
    least, order = min(draw_uniform(state), draw_uniform(state)), 1
    while part > HALVINGS[order]:
        least = min(least, draw_uniform(state))
        order += 1
    return whole + least * LN2


@compiled(nogil=True)
def draw_gamma(state: State, shape: float, scale: float) -> float:
    """Return a gamma of a shape and a scale, both positive."""
    if shape < 1.0:
        return scale * _small_gamma(state, shape)
    rest = shape - 0.5
    root = math.sqrt(rest)
    step = draw_normal(state)
    point = root + 0.5 * step
    if step >= 0.0:
        return scale * point * point
    chance = draw_uniform(state)
    if (ROOT_32 - 12.0 * root) * chance <= step**3:
        return scale * point * point
    if point > 0.0 and math.log(1.0 - chance) <= _quotient(shape, step):
        return scale * point * point
    centre, width, level = _double_exponential(shape)
    while True:
        away = draw_exponential(state)
        side = 2.0 * draw_uniform(state) - 1.0
        step = centre + math.copysign(width * away, side)
        if step >= LEAST_T:
            value = _quotient(shape, step)
            if value > 0.0 and level * abs(side) <= math.expm1(value) * math.exp(away - 0.5 * step * step):
                break
    point = root + 0.5 * step
    return scale * point * point


@compiled(nogil=True)
def _quotient(shape: float, step: float) -> float:
    """Return the log of the gamma's density over that of the square of the normal, algorithm GD."""
    rest = shape - 0.5
    root = math.sqrt(rest)
    first = _polynomial(BY_SHAPE, 1.0 / shape) / shape
    ratio = step / (root + root)
    if abs(ratio) <= 0.25:
        return first + 0.5 * step * step * _polynomial(BY_STEP, ratio) * ratio
    return first - root * step + 0.25 * step * step + 2.0 * rest * math.log(1.0 + ratio)


@compiled(nogil=True)
def _double_exponential(shape: float) -> tuple[float, float, float]:
    """Return centre, width and level of the double exponential from which GD draws at last."""
    rest = shape - 0.5
    root = math.sqrt(rest)
    if shape <= 3.686:
        return 0.463 + root + 0.178 * rest, 1.235, 0.195 / root - 0.079 + 0.16 * root
    if shape <= 13.022:
        return 1.654 + 0.0076 * rest, 1.68 / root + 0.275, 0.062 / root + 0.024
    return 1.77, 0.75, 0.1515 / root


@compiled(nogil=True)
def _small_gamma(state: State, shape: float) -> float:
    """Return a gamma of a shape below 1 and scale 1 by algorithm GS."""
    end = 1.0 + math.exp(-1.0) * shape
    while True:
        area = end * draw_uniform(state)
        if area >= 1.0:
            point = -math.log((end - area) / shape)
            if draw_exponential(state) >= (1.0 - shape) * math.log(point):
                return point
        else:
            point = math.exp(math.log(area) / shape)
            if draw_exponential(state) >= point:
                return point

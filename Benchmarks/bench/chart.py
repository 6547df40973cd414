"""The core table as a picture: bars for each peer, drawn in SVG without anything else."""

WIDTH, HEIGHT = 860, 330
PLOT = (60, 46, 360, 220)
GAP = 60
COLOURS = ["#0b6e4f", "#c7522a", "#5b6b7b"]


def _panel(left, title, unit, series, connections, digits):
    x0, y0, width, height = left, PLOT[1], PLOT[2], PLOT[3]
    top = max(value for values in series.values() for value in values) or 1
    out = [f'<text x="{x0}" y="{y0 - 16}" class="title">{title}</text>']
    for part in range(5):
        y = y0 + height * (1 - part / 4)
        out.append(f'<line x1="{x0}" y1="{y:.1f}" x2="{x0 + width}" y2="{y:.1f}" class="grid"/>')
        out.append(f'<text x="{x0 - 6}" y="{y + 4:.1f}" class="axis" text-anchor="end">{top * part / 4:,.{digits}f}</text>')
    group = width / len(connections)
    bar = group * 0.8 / len(series)
    for number, (name, values) in enumerate(series.items()):
        for place, value in enumerate(values):
            x = x0 + group * place + group * 0.1 + bar * number
            tall = height * value / top
            out.append(
                f'<rect x="{x:.1f}" y="{y0 + height - tall:.1f}" width="{bar * 0.92:.1f}" height="{tall:.1f}"'
                f' fill="{COLOURS[number]}"><title>{name}, {connections[place]} connections:'
                f" {value:,.{digits}f} {unit}</title></rect>"
            )
    for place, count in enumerate(connections):
        x = x0 + group * (place + 0.5)
        out.append(f'<text x="{x:.1f}" y="{y0 + height + 18}" class="axis" text-anchor="middle">{count}</text>')
    out.append(
        f'<text x="{x0 + width / 2}" y="{y0 + height + 36}" class="axis" text-anchor="middle">connections</text>'
    )
    return out


def draw(steady, connections):
    names = {peer.name: result for peer, result in steady.items()}
    throughput = {name: [result.throughput(count) for count in connections] for name, result in names.items()}
    cpu = {name: [result.cpu(count) for count in connections] for name, result in names.items()}
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" role="img"'
        ' aria-label="Requests per second and CPU time per request of the gateway, Envoy and nginx">',
        "<style>.title{font-size:15px;font-weight:bold}.axis,.key{font-size:12px}.grid{stroke:#d5dae0}</style>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
    ]
    out += _panel(PLOT[0], "Requests per second (more is better)", "requests/s", throughput, connections, 0)
    out += _panel(
        PLOT[0] + PLOT[2] + GAP, "CPU per request in µs (less is better)", "µs", cpu, connections, 0
    )
    for number, name in enumerate(names):
        x = PLOT[0] + 150 * number
        out.append(f'<rect x="{x}" y="{HEIGHT - 18}" width="12" height="12" fill="{COLOURS[number]}"/>')
        out.append(f'<text x="{x + 18}" y="{HEIGHT - 7}" class="key">{name}</text>')
    return "\n".join(out + ["</svg>", ""])

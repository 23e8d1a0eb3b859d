"""Wrong answers for ae/assignment.py: name -> (hint that must come, source of the file)."""

from tests.grading.wrong_answers.templates import autoencoder, file

_BOTH = "self.decoder(self.encoder(x))"


def _replaced(old, new, **options):
    return autoencoder(**options).replace(old, new)


AUTOENCODER = {
    "norm of vectors": ("ae_one_dimension", autoencoder().replace("BatchNorm2D", "BatchNorm1D")),
    "an axis more": (
        "ae_input_reshaped",
        autoencoder(forward="return self.decoder(self.encoder(x.unsqueeze(0)))"),
    ),
    "softmax": ("ae_softmax", autoencoder(decoder="trbtx")),
    "upsampled": ("ae_layer_sizes", autoencoder(decoder="ucrbucs")),
    "decoder first": ("ae_order", autoencoder(forward="return self.encoder(self.decoder(x))")),
    "axes moved": (
        "ae_input_reshaped",
        autoencoder(forward="return self.decoder(self.encoder(x.transpose([0, 3, 1, 2])))"),
    ),
    "called on the class": (
        "self_missing",
        autoencoder(forward="return AutoEncoder.decoder(self.encoder(x))"),
    ),
    "a comma": ("tuple_comma", autoencoder().replace("nn.Sigmoid())", "nn.Sigmoid()),")),
    "no sigmoid": ("ae_no_sigmoid", autoencoder(decoder="trbt")),
    "tanh": ("ae_tanh", autoencoder(decoder="trbth")),
    "tanh, shifted": (
        "ae_tanh",
        autoencoder(decoder="trbt", forward=f"return (F.tanh({_BOTH}) + 1) / 2"),
    ),
    "clipped": (
        "ae_relu_at_end",
        autoencoder(decoder="trbt", forward=f"return {_BOTH}.clip(0, 1)"),
    ),
    "ReLU at the end": ("ae_relu_at_end", autoencoder(decoder="trbtr")),
    "two sigmoids": ("ae_sigmoid_twice", autoencoder(forward=f"return F.sigmoid({_BOTH})")),
    "no ReLU": ("ae_no_relu", autoencoder("cbpcbp", "tbts")),
    "no ReLU in the decoder": ("ae_no_relu", autoencoder(decoder="tbts")),
    "norm first": ("ae_norm_order", autoencoder("cbrpcbrp", "tbrts")),
    "norm after pool": ("ae_norm_order", autoencoder("crpbcrpb")),
    "no norm": ("ae_no_batch_norm", autoencoder("crpcrp", "trts")),
    "no norm in the decoder": ("ae_no_batch_norm", autoencoder(decoder="trts")),
    "average": ("ae_average_pool", autoencoder("crbacrba")),
    "strided": (
        "ae_stride",
        autoencoder("crbcrb").replace("3, padding=1)", "3, stride=2, padding=1)"),
    ),
    "leaky": ("ae_other_activation", autoencoder("clbpclbp", "tlbts")),
    "tanh inside": ("ae_other_activation", autoencoder("chbpchbp", "thbts")),
    "code squashed": (
        "ae_code_squashed",
        autoencoder(forward="return self.decoder(F.sigmoid(self.encoder(x)))"),
    ),
    "dropout": ("ae_dropout", autoencoder("crbpdcrbp")),
    "dropout always": (
        "ae_dropout",
        autoencoder(forward="return self.decoder(F.dropout(self.encoder(x), 0.3))"),
    ),
    "skip": ("ae_skip", autoencoder(forward=f"return ({_BOTH} + x) / 2")),
    "identity": ("ae_code_unused", autoencoder(forward="return x")),
    "constant": ("", autoencoder(forward=f"return 0 * {_BOTH} + 0.5")),
    "more channels": ("ae_layer_sizes", autoencoder(first=32, second=64)),
    "fewer channels": ("ae_layer_sizes", autoencoder(second=16)),
    "kernel 5": (
        "ae_layer_sizes",
        _replaced("nn.Conv2D(3, 16, 3, padding=1)", "nn.Conv2D(3, 16, 5, padding=2)"),
    ),
    "no padding": ("ae_padding", _replaced("3, padding=1)", "3)")),
    "reflected padding": (
        "",
        _replaced("3, padding=1)", "3, padding=1, padding_mode='reflect')"),
    ),
    "no bias": (
        "ae_no_bias",
        _replaced(
            "nn.Conv2D(3, 16, 3, padding=1)", "nn.Conv2D(3, 16, 3, padding=1, bias_attr=False)"
        ),
    ),
    "one more norm": (
        "ae_extra_layers",
        _replaced("nn.Sigmoid()", "nn.BatchNorm2D(3), nn.Sigmoid()"),
    ),
    "one more convolution": (
        "ae_extra_layers",
        _replaced("nn.Sigmoid()", "nn.Conv2D(3, 3, 1), nn.Sigmoid()"),
    ),
    "lists": (
        "ae_list",
        autoencoder(
            forward="""
            for layer in self.encoder + self.decoder:
                x = layer(x)
            return x"""
        )
        .replace("nn.Sequential(", "list([")
        .replace("nn.MaxPool2D(2))\n", "nn.MaxPool2D(2)])\n")
        .replace("nn.Sigmoid())", "nn.Sigmoid()])"),
    ),
    "frozen": (
        "ae_frozen",
        autoencoder().replace(
            "    def forward",
            "        for p in self.encoder.parameters():\n            p.stop_gradient = True\n\n"
            "    def forward",
        ),
    ),
    "other names": (
        "ae_part_missing",
        autoencoder().replace("self.encoder", "self.down").replace("self.decoder", "self.up"),
    ),
    "LayerList": (
        "ae_not_sequential",
        autoencoder(
            forward="""
            for layer in list(self.encoder) + list(self.decoder):
                x = layer(x)
            return x"""
        )
        .replace("nn.Sequential(", "nn.LayerList([")
        .replace("nn.MaxPool2D(2))\n", "nn.MaxPool2D(2)])\n")
        .replace("nn.Sigmoid())", "nn.Sigmoid()])"),
    ),
    "no constructor call": (
        "super_missing",
        autoencoder().replace("        super().__init__()\n", ""),
    ),
    "batch statistics always": (
        "ae_batch_statistics|ae_rows",
        _replaced("nn.BatchNorm2D(16)", "nn.BatchNorm2D(16, use_global_stats=False)").replace(
            "nn.BatchNorm2D(32)", "nn.BatchNorm2D(32, use_global_stats=False)"
        ),
    ),
    "running statistics always": (
        "ae_global_statistics",
        _replaced("nn.BatchNorm2D(16)", "nn.BatchNorm2D(16, use_global_stats=True)").replace(
            "nn.BatchNorm2D(32)", "nn.BatchNorm2D(32, use_global_stats=True)"
        ),
    ),
    "detached code": (
        "gradient_cut",
        autoencoder(forward="return self.decoder(self.encoder(x).detach())"),
    ),
    "no_grad": (
        "gradient_cut",
        autoencoder(forward=f"with paddle.no_grad():\n    return {_BOTH}"),
    ),
    "returns code too": (
        "returned_several",
        autoencoder(forward=f"return {_BOTH}, self.encoder(x)"),
    ),
    "nothing": ("returned_none", autoencoder(forward=_BOTH)),
    "shared layers": (
        "ae_shared",
        autoencoder()
        .replace("class AutoEncoder", "made = {}\nclass AutoEncoder")
        .replace(
            "    def forward",
            "        self.encoder = made.setdefault('encoder', self.encoder)\n\n    def forward",
        ),
    ),
    "normalised by the batch": (
        "ae_rows",
        autoencoder(forward="h = self.encoder(x)\nreturn self.decoder(h - h.mean(axis=0))"),
    ),
    "flattened": ("", autoencoder(forward=f"return {_BOTH}.flatten(1)")),
    "fixed batch": ("reshape_size", autoencoder(forward=f"return {_BOTH}.reshape([2, 3, 64, 64])")),
    "input changed": ("input_changed", autoencoder(forward=f"x.clip_(0.1, 0.9)\nreturn {_BOTH}")),
    "not written": (
        "",
        file(
            "class AutoEncoder(nn.Layer):\n    def __init__(self):\n"
            "        raise NotImplementedError('AutoEncoder: todo')"
        ),
    ),
    "no class": ("", file("x = 1")),
}

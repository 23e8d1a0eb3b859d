# ruff: noqa: E501 - Chinese characters count twice
"""Hints for ae/assignment.py: hint id -> (English, Chinese). See hints.py."""

AUTOENCODER = {
    "ae_list": (
        "The layers stand in a plain Python list. Paddle does not find them there: parameters() is"
        " empty and the optimizer has nothing to train. Read about sublayers of nn.Layer.",
        "层放在普通的 Python 列表里，Paddle 找不到它们：parameters() 为空，优化器无可训练。"
        "请阅读 nn.Layer 的子层说明。",
    ),
    "ae_part_missing": (
        "The network has no attribute of the name encoder or decoder. Other parts of the course"
        " call them by these names; see the class docstring.",
        "网络没有名为 encoder 或 decoder 的属性。课程的其他部分用这两个名字，见类的文档字符串。",
    ),
    "ae_not_sequential": (
        "encoder and decoder have to be nn.Sequential, as the class docstring says.",
        "encoder 和 decoder 必须是 nn.Sequential，见类的文档字符串。",
    ),
    "ae_code": (
        "What reaches the decoder has not the shape of the code in the class docstring.",
        "到达解码器的张量形状与类文档字符串中的编码不同。",
    ),
    "ae_code_unused": (
        "Nothing reaches the decoder's first layer: forward does not go through the decoder.",
        "没有数据到达解码器的第一层：forward 没有经过解码器。",
    ),
    "ae_no_batch_norm": (
        "A batch normalisation is missing. The class docstring lists three, and its number of"
        " parameters counts them.",
        "缺少批归一化层。类的文档字符串列了三个，参数总数也计入了它们。",
    ),
    "ae_extra_layers": (
        "There are more layers with parameters than in the class docstring.",
        "带参数的层比类文档字符串中的多。",
    ),
    "ae_layer_sizes": (
        "The layers are there, but some have other sizes (channels or kernel) than in the class"
        " docstring. Compare them line by line.",
        "层都在，但有些的尺寸（通道数或卷积核）与类文档字符串不同。请逐行比较。",
    ),
    "ae_frozen": (
        "Some parameters are frozen: no gradient will ever change them.",
        "有些参数被冻结了：梯度永远不会改变它们。",
    ),
    "ae_shared": (
        "Two networks share their layers: they are made once for the class or the file, not in the"
        " constructor.",
        "两个网络共用了层：层是为类或文件只建一次的，而不是在构造函数里建的。",
    ),
    "ae_no_sigmoid": (
        "The last layer is missing: the result is any number, but an image has values in [0, 1].",
        "缺少最后一层：结果可以是任意数，而图像的值在 [0, 1] 内。",
    ),
    "ae_tanh": (
        "The result comes from tanh. Its own range is [-1, 1], and shifted into [0, 1] it is steeper"
        " than what the class docstring asks for.",
        "结果来自 tanh。它的值域是 [-1, 1]；即使平移到 [0, 1]，也比类文档字符串要求的函数更陡。",
    ),
    "ae_relu_at_end": (
        "The end of the decoder cuts values off: where it does, no gradient flows. Compare the last"
        " lines of the class docstring.",
        "解码器末端把数值截断了，被截断处没有梯度。请对照类文档字符串的最后几行。",
    ),
    "ae_sigmoid_twice": (
        "The result is squashed twice, once in the decoder and once in forward: it cannot come near"
        " 0 any more.",
        "结果被压缩了两次（解码器里一次、forward 里一次），再也无法接近 0。",
    ),
    "ae_no_relu": (
        "A nonlinearity is missing between layers. Without them the network is little more than one"
        " linear map. Compare the class docstring.",
        "层与层之间缺少非线性。没有它们，网络几乎只是一个线性映射。请对照类的文档字符串。",
    ),
    "ae_norm_order": (
        "The layers are all there, but batch normalisation stands in another place than in the class"
        " docstring; the result depends on it.",
        "层都齐全，但批归一化的位置与类文档字符串不同，结果会因此而变。",
    ),
    "ae_stride": (
        "The image is halved by the step of the convolutions; the class docstring has a layer of its"
        " own for that, which keeps the largest value.",
        "图像是靠卷积的步长缩小的；类的文档字符串另有一层做这件事，并保留最大值。",
    ),
    "ae_average_pool": (
        "The image is halved by averaging; the class docstring takes the largest value.",
        "缩小图像时取了平均；类的文档字符串取的是最大值。",
    ),
    "ae_other_activation": (
        "The nonlinearity between the layers is another one than in the class docstring.",
        "层间的非线性函数与类文档字符串中的不同。",
    ),
    "ae_code_squashed": (
        "A function is applied to the code between encoder and decoder; nothing belongs there.",
        "编码器与解码器之间对编码多做了一次函数变换；那里不应有任何东西。",
    ),
    "ae_skip": (
        "The input reaches the output past the code: then nothing has to be learnt. Everything has"
        " to go through the code.",
        "输入绕过编码直接到了输出：那就什么也不用学了。一切都必须经过编码。",
    ),
    "ae_batch_statistics": (
        "In evaluation mode the statistics of the batch are used: an image's result depends on its"
        " neighbours. Read about training and evaluation mode of batch normalisation.",
        "评估模式下用了批次的统计量：一张图像的结果取决于同批的其他图像。"
        "请阅读批归一化的训练模式与评估模式。",
    ),
    "ae_global_statistics": (
        "In training mode the running statistics are used: batch normalisation does not normalise"
        " the batch. Read about its training and evaluation mode.",
        "训练模式下用了滑动统计量：批归一化没有对批次做归一化。请阅读其训练模式与评估模式。",
    ),
    "ae_rows": (
        "In evaluation mode the result of an image depends on the other images of the batch.",
        "评估模式下，一张图像的结果取决于同批的其他图像。",
    ),
    "ae_dropout": (
        "The same input gives another output every time: something random is in the network. The"
        " class docstring has nothing of the kind.",
        "同样的输入每次得到不同的输出：网络里有随机成分。类的文档字符串里没有这种层。",
    ),
}

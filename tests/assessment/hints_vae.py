# ruff: noqa: E501 - Chinese characters count twice
"""Hints for vae/assignment.py: hint id -> (English, Chinese). See hints.py."""

_VAE = "Kingma & Welling 2014"

REPARAMETERIZE = {
    "var_as_std": (
        "The noise is scaled by the variance. What scales a draw is the standard deviation; the two"
        f" agree only where logvar = 0. Read {_VAE}, section 2.4, and what logvar is the log of.",
        "噪声被乘上了方差。缩放一个样本的应当是标准差；两者只在 logvar = 0 处相等。"
        f"请读 {_VAE} 第 2.4 节，并想清楚 logvar 是谁的对数。",
    ),
    "logvar_as_std": (
        "logvar itself scales the noise. It is a logarithm: it can be negative, a standard"
        f" deviation cannot. Read the docstring on logvar, and {_VAE}, section 2.4.",
        "直接用 logvar 缩放了噪声。它是一个对数，可以为负，而标准差不能为负。"
        f"请读文档字符串中 logvar 的含义，以及 {_VAE} 第 2.4 节。",
    ),
    "half_logvar_as_std": (
        "Half of logvar scales the noise: that is the log of the standard deviation, not the"
        f" standard deviation yet. It still has to leave the log scale. Read {_VAE}, section 2.4.",
        "用 logvar 的一半缩放了噪声：那只是标准差的对数，还不是标准差，"
        f"还需要从对数域变回来。请读 {_VAE} 第 2.4 节。",
    ),
    "half_outside_exp": (
        "The noise is scaled by half of the variance. Halving belongs on the log scale, before the"
        " exponential: halving afterwards does not take a root. Check logvar = 0: what should the"
        f" standard deviation be there? Read {_VAE}, section 2.4.",
        "噪声被乘上了方差的一半。减半应当在对数域里、取指数之前进行；取指数之后再减半并不是开方。"
        f"检验 logvar = 0：此时标准差应是多少？请读 {_VAE} 第 2.4 节。",
    ),
    "negative_exponent": (
        "The noise shrinks as logvar grows: the sign in the exponent is turned round. A larger"
        f" log-variance must give a wider distribution. Read {_VAE}, section 2.4.",
        "logvar 越大噪声反而越小：指数的符号反了。对数方差越大，分布应当越宽。"
        f"请读 {_VAE} 第 2.4 节。",
    ),
    "exp_twice_logvar": (
        "The noise is scaled by the square of the variance: logvar was doubled where it has to be"
        f" halved. Read the docstring on logvar, and {_VAE}, section 2.4.",
        "噪声被乘上了方差的平方：logvar 应当减半却被加倍了。"
        f"请读文档字符串中 logvar 的含义，以及 {_VAE} 第 2.4 节。",
    ),
    "sqrt_of_logvar": (
        "A root of logvar itself is taken. logvar is a logarithm and may be negative (then the"
        f" result is NaN); it has to leave the log scale first. Read {_VAE}, section 2.4.",
        "对 logvar 本身开了方。logvar 是对数，可能为负（此时得到 NaN），"
        f"应当先离开对数域。请读 {_VAE} 第 2.4 节。",
    ),
    "sqrt_of_std": (
        "The noise is scaled by the root of the standard deviation: logvar was halved once too"
        f" often, or a root was taken twice. Read {_VAE}, section 2.4.",
        f"噪声被乘上了标准差的平方根：多减半了一次，或多开了一次方。请读 {_VAE} 第 2.4 节。",
    ),
    "softplus_std": (
        "Softplus is used to make the scale positive. Some codes do so with other parameters, but"
        " here the network's output is a log-variance: the docstring says what it means.",
        "用 softplus 把尺度变为正数。有些代码对别的参数这样做，"
        "但这里网络输出的是对数方差：其含义见文档字符串。",
    ),
    "minus_noise": (
        "The noise is subtracted. Draws look alike that way, but a given eps must be used as it is,"
        f" with its own sign. Read {_VAE}, section 2.4.",
        "减去了噪声。这样抽出的样本看似相同，但给定的 eps 必须原样（连同符号）使用。"
        f"请读 {_VAE} 第 2.4 节。",
    ),
    "returns_mu": (
        "The result is mu: no noise takes part. That is right for a plain reconstruction, not for a"
        f" sample of q(z|x). Read {_VAE}, section 2.4.",
        f"结果就是 mu，没有噪声参与。这不是 q(z|x) 的样本。请读 {_VAE} 第 2.4 节。",
    ),
    "no_mean": (
        f"The mean is missing: all images would share one centre. Read {_VAE}, section 2.4.",
        f"缺少均值：所有图像会共用同一个中心。请读 {_VAE} 第 2.4 节。",
    ),
    "no_std": (
        "The noise is added with standard deviation 1 everywhere: logvar takes no part."
        f" Read {_VAE}, section 2.4.",
        f"噪声的标准差处处为 1：logvar 没有参与。请读 {_VAE} 第 2.4 节。",
    ),
    "mu_std_swapped": (
        "Mean and standard deviation have changed places: mu scales the noise and the deviation is"
        f" added. Which of them moves the centre, which the width? Read {_VAE}, section 2.4.",
        "均值与标准差的位置互换了：mu 在缩放噪声，而标准差被加上去。"
        f"哪个决定中心、哪个决定宽度？请读 {_VAE} 第 2.4 节。",
    ),
    "arguments_swapped": (
        "mu and logvar have changed places, as if the function took them in the other order. The"
        " order of the arguments is fixed: mu first.",
        "mu 与 logvar 互换了，好像函数参数的顺序反了。参数顺序是固定的：先 mu。",
    ),
    "noise_times_sum": (
        "The noise multiplies the mean as well: only the deviation is scaled by it. Look at the"
        f" brackets. Read {_VAE}, section 2.4.",
        f"噪声把均值也一起乘了，它只应当缩放标准差。请检查括号，并读 {_VAE} 第 2.4 节。",
    ),
    "noise_not_multiplied": (
        "Deviation and noise are both added. The noise has to be stretched to the right width, so"
        f" they belong together in another way. Read {_VAE}, section 2.4.",
        f"标准差和噪声都是被加上去的。噪声应当被拉伸到合适的宽度。请读 {_VAE} 第 2.4 节。",
    ),
    "noise_forgotten": (
        "The deviation is added without any noise: every call gives the same point."
        f" Read {_VAE}, section 2.4.",
        f"加上了标准差却没有噪声：每次调用都得到同一点。请读 {_VAE} 第 2.4 节。",
    ),
    "product_not_sum": (
        "Mean and scaled noise are multiplied. The mean moves the distribution, it does not stretch"
        f" it. Read {_VAE}, section 2.4.",
        f"均值与缩放后的噪声被相乘。均值是平移分布，而不是拉伸分布。请读 {_VAE} 第 2.4 节。",
    ),
    "logvar_clamped": (
        "For large or small logvar the answer stays where it was: logvar is cut off too early. The"
        " range [-12, 12] is asked for; a wider limit does no harm.",
        "logvar 很大或很小时结果不再变化：截断得太早。要求支持 [-12, 12]，更宽的界限没有问题。",
    ),
    "eps_ignored": (
        "With the same eps two calls give different answers, so the given eps is not what is used."
        " Fresh noise is for eps=None alone.",
        "给定同一个 eps，两次调用的结果不同，说明没有使用给定的 eps。只有 eps=None 时才重新抽取噪声。",
    ),
    "uniform_noise": (
        "The noise is uniform. It has the wrong mean or width and no tails; what is asked for is"
        f" the standard normal. Compare paddle's random functions, and read {_VAE}, section 2.4.",
        "噪声是均匀分布的：均值或宽度不对，也没有尾部；要求的是标准正态分布。"
        f"请比较 paddle 的各个随机函数，并读 {_VAE} 第 2.4 节。",
    ),
    "no_noise": (
        "Without eps nothing random is drawn. eps=None asks for a fresh draw for every element.",
        "不给 eps 时没有抽取任何随机数。eps=None 表示要为每个元素重新抽取。",
    ),
    "noise_rows": (
        "All images of the batch share one noise vector. It cannot be seen with a batch of one;"
        " every element of [B, Z] needs a draw of its own. Look at the shape that is drawn.",
        "整个批次共用同一个噪声向量。批次为 1 时看不出来；[B, Z] 的每个元素都应有自己的随机数。"
        "请检查抽取时的形状。",
    ),
    "noise_dims": (
        "All dimensions of one image share one number of noise. Every element of [B, Z] needs a"
        " draw of its own. Look at the shape that is drawn.",
        "同一图像的所有维度共用一个噪声数。[B, Z] 的每个元素都应有自己的随机数。请检查抽取时的形状。",
    ),
    "noise_one": (
        "One single random number serves the whole batch. Every element of [B, Z] needs a draw of"
        " its own. Look at the shape that is drawn.",
        "整个批次只用了一个随机数。[B, Z] 的每个元素都应有自己的随机数。请检查抽取时的形状。",
    ),
    "fixed_noise": (
        "Every call draws the same noise: a seed is set inside the function, or the noise is kept"
        " from an earlier call. Where, and how often, should a seed be set in a program?",
        "每次调用抽到的噪声都一样：函数内部设了种子，或噪声是从前一次调用留下的。"
        "在一个程序里，种子应当在哪里设、设几次？",
    ),
    "seed_reset": (
        "The function resets a global random seed. Everything random in the program then repeats"
        " itself from here on. A seed is set once, where the program starts.",
        "函数重置了全局随机种子，之后程序中的所有随机数都会从这里开始重复。种子只应在程序开头设置一次。",
    ),
    "eps_truth": (
        "A condition looks at a whole tensor, and Paddle cannot say whether it is true. The"
        " question here is whether an eps was given at all, not what is in it.",
        "条件里用到了整个张量，Paddle 无法判断真假。这里要问的是“有没有给 eps”，而不是它的内容。",
    ),
    "eps_none": (
        "eps is None when the caller gives none; it was used as if it were a tensor.",
        "调用者不给 eps 时它是 None，这里却把它当作张量使用了。",
    ),
    "numpy_noise": (
        "Accepted. Note: this noise comes from NumPy, so paddle.seed does not repeat it and the"
        " result is float64. Paddle's own random functions avoid both.",
        "已接受。注意：噪声来自 NumPy，paddle.seed 无法使其重现，结果也是 float64。"
        "使用 Paddle 自己的随机函数可避免这两点。",
    ),
}

KL = {
    "kl_sum_all": (
        "The sum runs over the batch too: the loss grows with the batch size. Sum over the latent"
        " dimensions only, then average the images. A batch of one hides this.",
        "连批次维也求和了：损失会随批大小增长。只对隐变量维求和，再对图像取平均。批大小为 1 时看不出来。",
    ),
    "kl_mean_all": (
        "The mean runs over the latent dimensions too: the loss is too small by the number of"
        " dimensions. A distribution's divergence adds up over its dimensions.",
        "对隐变量维也取了平均：损失小了“维数”倍。一个分布的散度应当在各维上相加。",
    ),
    "kl_axes_swapped": (
        "The two axes have changed roles: averaged over the latent dimensions, summed over the"
        " batch. When B = Z this cannot be seen. Which axis is which in [B, Z]?",
        "两个轴的角色互换了：对隐变量维取了平均、对批次求了和。B = Z 时看不出来。[B, Z] 中哪个轴是哪个？",
    ),
    "kl_per_image": (
        "One number for each image is returned; the mean over the batch is missing.",
        "返回的是每张图像一个数，缺少对批次的平均。",
    ),
    "kl_per_element": (
        "One number for each element is returned; sum over Z and mean over B are missing.",
        "返回的是每个元素一个数，缺少对 Z 的求和与对 B 的平均。",
    ),
    "kl_no_half": (
        f"The result is twice the divergence. Read {_VAE}, appendix B: what stands before the sum?",
        f"结果是散度的两倍。请读 {_VAE} 附录 B：求和号前面是什么？",
    ),
    "kl_sign": (
        "The sign is turned round: the result is negative. A divergence is never negative; the"
        f" paper's appendix B shows minus this quantity. Read {_VAE}, appendix B.",
        f"符号反了：结果为负。散度永不为负；{_VAE} 附录 B 给出的是它的相反数。",
    ),
    "kl_exp_half": (
        "Where the variance belongs, the standard deviation stands. logvar is the log of the"
        f" variance: what does that make its exponential? Read {_VAE}, appendix B.",
        f"该用方差的地方用了标准差。logvar 是方差的对数，那么它的指数是什么？请读 {_VAE} 附录 B。",
    ),
    "kl_square_for_exp": (
        "logvar is squared where the variance is needed. Squaring is right for a standard"
        f" deviation, but logvar is a logarithm. Read {_VAE}, appendix B.",
        f"需要方差的地方把 logvar 平方了。平方适用于标准差，而 logvar 是对数。请读 {_VAE} 附录 B。",
    ),
    "kl_log_std": (
        "logvar is treated as the log of the standard deviation. Many codes do so; here it is the"
        " log of the variance, as the docstring says.",
        "把 logvar 当成了标准差的对数。许多代码这样约定，但这里它是方差的对数，见文档字符串。",
    ),
    "kl_mu_not_squared": (
        "mu enters without its square (or as an absolute value). The divergence grows with the"
        f" squared distance of the mean from 0. Read {_VAE}, appendix B.",
        f"mu 没有平方（或取了绝对值）。散度随均值到 0 的距离的平方增长。请读 {_VAE} 附录 B。",
    ),
    "kl_mu_sign": (
        "A mean far from 0 makes the result smaller: the sign of the term with mu is turned round."
        f" Read {_VAE}, appendix B.",
        f"均值离 0 越远结果反而越小：含 mu 的项符号反了。请读 {_VAE} 附录 B。",
    ),
    "kl_no_mu": (
        "mu takes no part: a distribution centred anywhere would cost the same."
        f" Read {_VAE}, appendix B.",
        f"mu 没有参与：中心在哪里代价都一样。请读 {_VAE} 附录 B。",
    ),
    "kl_no_minus_one": (
        "At mu = 0, logvar = 0 both distributions are the same, and the result should be 0; a"
        f" constant is missing. Read {_VAE}, appendix B.",
        f"在 mu = 0、logvar = 0 时两个分布相同，结果应为 0；缺少一个常数。请读 {_VAE} 附录 B。",
    ),
    "kl_plus_one": (
        "At mu = 0, logvar = 0 both distributions are the same, and the result should be 0: a"
        f" constant has the wrong sign. Read {_VAE}, appendix B.",
        f"在 mu = 0、logvar = 0 时两个分布相同，结果应为 0：有个常数的符号反了。请读 {_VAE} 附录 B。",
    ),
    "kl_plus_logvar": (
        "The term with logvar itself has the wrong sign: a very narrow distribution must cost"
        f" something, yours makes the result smaller. Read {_VAE}, appendix B.",
        f"logvar 本身那一项的符号反了：很窄的分布应当付出代价，现在却使结果变小。请读 {_VAE} 附录 B。",
    ),
    "kl_no_logvar": (
        "The term with logvar itself is missing: a distribution could become ever narrower at no"
        f" cost. Read {_VAE}, appendix B.",
        f"缺少 logvar 本身那一项：分布可以无代价地变窄。请读 {_VAE} 附录 B。",
    ),
    "kl_no_exp": (
        "The variance itself is missing: logvar appears only as a logarithm. A very wide"
        f" distribution must cost a lot. Read {_VAE}, appendix B.",
        f"缺少方差本身：logvar 只以对数形式出现。很宽的分布应当代价很大。请读 {_VAE} 附录 B。",
    ),
    "kl_exp_sign": (
        "The variance enters with the wrong sign: a wide distribution makes the result smaller."
        f" Read {_VAE}, appendix B.",
        f"方差的符号反了：分布越宽结果反而越小。请读 {_VAE} 附录 B。",
    ),
    "kl_reversed": (
        "This is the divergence the other way round, from the prior to q(z|x). KL is not symmetric."
        f" Read {_VAE}, section 2.2: which distribution comes first?",
        f"方向反了，这是先验对 q(z|x) 的散度。KL 不对称。请读 {_VAE} 第 2.2 节：哪个分布在前？",
    ),
    "kl_arguments_swapped": (
        "mu and logvar have changed places, as if the function took them in the other order. The"
        " order of the arguments is fixed: mu first.",
        "mu 与 logvar 互换了，好像函数参数的顺序反了。参数顺序是固定的：先 mu。",
    ),
    "kl_bits": (
        "The result is in bits; nats are asked for, that is natural logarithms throughout.",
        "结果以比特为单位；要求的是 nat，即全程使用自然对数。",
    ),
    "kl_square_of_variance": (
        "The variance is squared once more. logvar is the log of the variance already, not of the"
        f" standard deviation. Read {_VAE}, appendix B.",
        f"方差又被平方了一次。logvar 已经是方差的对数，不是标准差的对数。请读 {_VAE} 附录 B。",
    ),
    "gradient_part": (
        "The value is right, but a part of the formula is cut off from the gradient: training would"
        " not see it. Look for detach, no_grad, numpy or new tensors made from old ones.",
        "数值正确，但公式的一部分断开了梯度，训练时看不到它。"
        "请查找 detach、no_grad、numpy 或由旧张量新建的张量。",
    ),
}

REGION = {
    "region_swapped": (
        "The two weights have changed places: the strokes get the weight of the background. Which"
        " pixels are white, those above the threshold or those below?",
        "两个权重互换了：笔画得到了背景的权重。白色像素是高于阈值的还是低于阈值的？",
    ),
    "region_mask_of_output": (
        "The regions are read off the reconstruction. They belong to the target: what the network"
        " happens to paint must not choose its own weights.",
        "区域是从重建图像读出来的。它们应取自目标图像：网络画出的内容不应决定自己的权重。",
    ),
    "region_not_strict": (
        "A value equal to the threshold counts as white here. The docstring says strictly greater.",
        "等于阈值的像素被当成了白色。文档字符串要求严格大于。",
    ),
    "region_mask_shared": (
        "All channels of a pixel share one decision. The threshold is meant for every value by"
        " itself, so the channels of one pixel may differ. Grey images hide this.",
        "同一像素的所有通道共用一个判断。阈值应对每个数值单独比较，各通道可以不同。灰度图像看不出来。",
    ),
    "region_weight_squared": (
        "The weights are squared along with the error. They should multiply the squared error once."
        " Look at the brackets; weight 1 hides this.",
        "权重和误差一起被平方了。权重只应乘在平方误差上一次。请检查括号；权重为 1 时看不出来。",
    ),
    "region_weight_on_output": (
        "The weight multiplies the reconstruction, not the error: a perfect reconstruction would"
        " then have a loss. Look at what stands in which bracket.",
        "权重乘在了重建图像上而不是误差上：完美的重建也会有损失。请检查括号。",
    ),
    "region_weight_root": (
        "The root of the weights is used: the black region counts too much. A weight multiplies the"
        " squared error as it is.",
        "用了权重的平方根：黑色区域的影响偏大。权重应原样乘在平方误差上。",
    ),
    "region_sum_all": (
        "The sum runs over the batch too: the loss grows with the batch size. The docstring says"
        " what is summed and what is averaged.",
        "连批次维也求和了：损失会随批大小增长。文档字符串说明了哪些维求和、哪个维取平均。",
    ),
    "region_mean_all": (
        "The mean runs over every pixel: the loss is too small by the number of values of an image."
        " The docstring says what is summed and what is averaged.",
        "对所有像素取了平均：损失小了“每张图像数值个数”倍。文档字符串说明了哪些维求和、哪个维取平均。",
    ),
    "region_per_image": (
        "Several numbers are returned, one for each image (and channel); the reduction stops early.",
        "返回了多个数（每张图像或每个通道一个），归约没有做完。",
    ),
    "region_per_pixel": (
        "One number for each pixel is returned; the sum over an image and the mean over the batch"
        " are missing.",
        "返回的是每个像素一个数，缺少对图像的求和与对批次的平均。",
    ),
    "region_channel_mean": (
        "The channels are averaged; the docstring sums over them like over the rows and columns.",
        "对通道取了平均；文档字符串要求像对行和列一样对通道求和。",
    ),
    "region_pixel_mean": (
        "Rows and columns are averaged; the docstring sums over them.",
        "对行和列取了平均；文档字符串要求对它们求和。",
    ),
    "region_absolute": (
        "The absolute error is used; the squared error is asked for.",
        "用了绝对误差；要求的是平方误差。",
    ),
    "region_root": (
        "A root is taken of the loss at the end; nothing asks for it.",
        "最后对损失开了方，题目没有这个要求。",
    ),
    "region_half": (
        "The result is half of what it should be: nothing here asks for a factor one half.",
        "结果只有应有的一半：题目中没有二分之一这个因子。",
    ),
    "region_cross_entropy": (
        "This is a weighted cross-entropy; the squared error is asked for.",
        "这是加权交叉熵；要求的是平方误差。",
    ),
    "region_no_black": (
        "The black region takes no part: the network may paint anything there. It has a weight of"
        " its own.",
        "黑色区域没有参与：网络可以在那里随意乱画。它有自己的权重。",
    ),
    "region_no_white": (
        "The white region takes no part. It has a weight of its own.",
        "白色区域没有参与。它有自己的权重。",
    ),
    "region_black_everywhere": (
        "White pixels are counted twice, once with each weight. Every value belongs to one region.",
        "白色像素被计了两次，两个权重各一次。每个数值只属于一个区域。",
    ),
    "region_all_black": (
        "Every value gets the weight of the black region: nothing counts as white. In which range"
        " are the pixels, and is the threshold in the same?",
        "所有数值都得到黑色区域的权重：没有任何值被当成白色。像素的范围是什么？阈值在同一范围内吗？",
    ),
    "region_all_white": (
        "Every value gets the weight of the white region: nothing counts as black.",
        "所有数值都得到白色区域的权重：没有任何值被当成黑色。",
    ),
    "region_no_weights": (
        "All values weigh the same: the two coefficients have no effect.",
        "所有数值的权重相同：两个系数没有起作用。",
    ),
    "region_two_means": (
        "Each region is averaged by itself, so a small region counts as much as a large one (and an"
        " empty one gives NaN). The docstring asks for one weighted sum.",
        "两个区域各自取了平均，小区域与大区域的影响一样大（空区域会得到 NaN）。文档字符串要求的是一个加权和。",
    ),
    "region_normalised": (
        "The result is divided by the sum of the weights. The docstring asks for a sum over an"
        " image and a mean over the batch, no more.",
        "结果被权重之和除了。文档字符串只要求对图像求和、对批次取平均。",
    ),
    "region_arguments_fixed": (
        "Threshold or coefficients are fixed inside: other values from the caller have no effect."
        " Defaults hide this.",
        "阈值或系数在函数内部写死了：调用者给的其他值没有作用。使用默认值时看不出来。",
    ),
}

# ruff: noqa: E501 - Chinese characters count twice
"""Hints by id, in English and Chinese: what the answer looks like, why it is wrong, what to read.

A hint is shown only when the values leave no other known explanation. It never holds the formula.
"""

_VAE = "Kingma & Welling 2014"
_DDPM = "Ho et al. 2020"

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
        "mean and standard deviation have changed places: mu scales the noise and the deviation is"
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

DDPM = {
    "step_after": (
        "The tables are read one step too late. Steps are counted from 0 here: t = 0 has one step"
        " of noise already. The docstring at the top of the file says how t relates to the paper's.",
        "查表晚了一步。这里步数从 0 开始：t = 0 已含一步噪声。文件开头的说明讲了 t 与论文的对应关系。",
    ),
    "step_before": (
        "The tables are read one step too early. Steps are counted from 0 here: t = 0 has one step"
        " of noise already. The docstring at the top of the file says how t relates to the paper's.",
        "查表早了一步。这里步数从 0 开始：t = 0 已含一步噪声。文件开头的说明讲了 t 与论文的对应关系。",
    ),
    "step_reversed": (
        "Time runs backwards: t = 0 is treated as the noisiest step. It is the cleanest.",
        "时间方向反了：把 t = 0 当成了噪声最多的一步，其实它最干净。",
    ),
    "step_one_for_all": (
        "One step is used for the whole batch. With t of shape [B] every image has its own.",
        "整个批次只用了一个步数。t 的形状为 [B] 时，每张图像有自己的步数。",
    ),
    "schedule_rebuilt": (
        "A schedule of its own is used, not the one that was given. The tables are attributes of"
        " the object: another beta must give another answer.",
        "用了自己另建的噪声表，而不是给定的。表是对象的属性：换一个 beta，结果就应当不同。",
    ),
    "table_not_reshaped": (
        "The looked-up values have shape [B] and are laid along the width of the images. Where"
        " B = W that goes unnoticed and mixes up the images. Each value belongs to one image: look"
        " up how shapes are matched (broadcasting).",
        "查表得到的形状是 [B]，被沿着图像的宽度方向展开了。B = W 时不会报错，却把图像弄混了。"
        "每个数属于一张图像：请查阅张量形状如何对齐（广播）。",
    ),
    "add_alpha": (
        "The share of a single step is used where the share of all steps up to t belongs. After"
        f" many steps little of the image is left. Read {_DDPM}, section 2, around eq. (4).",
        "该用到第 t 步为止的累积量，却用了单步的量。多步之后图像所剩无几。"
        f"请读 {_DDPM} 第 2 节式 (4) 前后。",
    ),
    "add_beta": (
        "Quantities of one single step stand where cumulative ones belong."
        f" Read {_DDPM}, section 2, around eq. (4).",
        f"该用累积量的地方用了单步的量。请读 {_DDPM} 第 2 节式 (4) 前后。",
    ),
    "add_no_sqrt": (
        "Both factors are variances; what multiplies an image or noise is of the size of a standard"
        f" deviation. Read {_DDPM}, eq. (4): what is its second argument, a variance or a root?",
        f"两个系数都是方差；乘在图像或噪声上的应当是标准差量级。请读 {_DDPM} 式 (4)：其第二个参数是方差吗？",
    ),
    "add_no_sqrt_signal": (
        "The factor of the image is too small: it is the share of the variance, not of the"
        f" amplitude. Read {_DDPM}, eq. (4).",
        f"图像的系数偏小：它是方差的份额，而不是幅度的份额。请读 {_DDPM} 式 (4)。",
    ),
    "add_no_sqrt_noise": (
        "The factor of the noise is a variance; a draw is scaled by the standard deviation."
        f" Read {_DDPM}, eq. (4).",
        f"噪声的系数是方差；缩放样本的应当是标准差。请读 {_DDPM} 式 (4)。",
    ),
    "add_one_minus_sqrt": (
        "The root and the subtraction have changed order in the factor of the noise. The two"
        f" variances have to add up to one. Read {_DDPM}, eq. (4).",
        f"噪声系数里开方与相减的顺序反了。两个方差之和应为 1。请读 {_DDPM} 式 (4)。",
    ),
    "add_one_minus_square": (
        "The factors fit together but belong to another definition: the table holds the share of"
        f" the variance, not of the amplitude. Read {_DDPM}, eq. (4).",
        f"两个系数互相匹配，但属于另一种定义：表中存的是方差的份额，不是幅度的份额。请读 {_DDPM} 式 (4)。",
    ),
    "add_swapped": (
        "Image and noise have changed places: at t = 0 almost only noise is left."
        f" Read {_DDPM}, eq. (4).",
        f"图像与噪声互换了：t = 0 时几乎只剩噪声。请读 {_DDPM} 式 (4)。",
    ),
    "add_minus": (
        "The noise is subtracted. The network learns to predict eps as it was added, so the sign"
        f" matters. Read {_DDPM}, eq. (4).",
        f"减去了噪声。网络学习预测的是加上去的 eps，所以符号很重要。请读 {_DDPM} 式 (4)。",
    ),
    "add_sigma": (
        "The variance of the reverse step scales the noise. It belongs to sampling; the way from"
        f" x_0 to x_t has another one. Read {_DDPM}, eq. (4) and eq. (7).",
        f"用反向步骤的方差缩放了噪声。它属于采样过程；从 x_0 到 x_t 用的是另一个。请读 {_DDPM} 式 (4) 与式 (7)。",
    ),
    "add_no_noise": (
        f"No noise is added: eps takes no part. Read {_DDPM}, eq. (4).",
        f"没有加入噪声：eps 没有参与。请读 {_DDPM} 式 (4)。",
    ),
    "add_no_signal": (
        f"The image takes no part: only noise is left. Read {_DDPM}, eq. (4).",
        f"图像没有参与：只剩噪声。请读 {_DDPM} 式 (4)。",
    ),
    "add_noise_unscaled": (
        f"The noise has its full size at every step. Read {_DDPM}, eq. (4).",
        f"噪声在每一步都是原大小。请读 {_DDPM} 式 (4)。",
    ),
    "add_signal_unscaled": (
        "The image keeps its full size at every step, so the variance grows without bound."
        f" Read {_DDPM}, eq. (4).",
        f"图像在每一步都保持原大小，方差会不断增大。请读 {_DDPM} 式 (4)。",
    ),
    "cumulative_wrong": (
        "The cumulative table is not the one that the paper defines: a sum for a product, or of the"
        f" wrong quantity. Read {_DDPM}, section 2, between eq. (3) and (4).",
        f"累积表与论文的定义不符：该用乘积却用了求和，或对象不对。请读 {_DDPM} 第 2 节式 (3) 与 (4) 之间。",
    ),
    "variance_beta": (
        "The noise has variance beta. The paper (section 3.2) allows both choices; this assignment"
        f" asks for the posterior variance. Read {_DDPM}, eq. (7), and the docstring.",
        "噪声的方差用了 beta。论文第 3.2 节两种都允许，但本作业要求后验方差。"
        f"请读 {_DDPM} 式 (7) 与文档字符串。",
    ),
    "remove_no_sqrt_sigma": (
        "The noise is scaled by the variance itself; a draw is scaled by the standard deviation."
        f" Read {_DDPM}, algorithm 2, line 4: is it sigma or its square?",
        f"噪声被乘上了方差本身；缩放样本的应当是标准差。请读 {_DDPM} 算法 2 第 4 行：是 sigma 还是它的平方？",
    ),
    "remove_beta_std": (
        "The noise is scaled by beta, which is a variance, and not the one that is asked for."
        f" Read {_DDPM}, eq. (7) and algorithm 2, line 4.",
        f"噪声被乘上了 beta：它是方差，而且不是要求的那个。请读 {_DDPM} 式 (7) 与算法 2 第 4 行。",
    ),
    "remove_sigma_twice": (
        "The table already holds the square; it is squared once more."
        f" Read {_DDPM}, algorithm 2, line 4.",
        f"表中存的已经是平方，却又平方了一次。请读 {_DDPM} 算法 2 第 4 行。",
    ),
    "remove_no_noise": (
        "Only the mean is returned: eps takes no part. Without fresh noise this is not a sample."
        f" Read {_DDPM}, algorithm 2, line 4.",
        f"只返回了均值：eps 没有参与。没有新的噪声就不是采样。请读 {_DDPM} 算法 2 第 4 行。",
    ),
    "remove_noise_unscaled": (
        f"The fresh noise is added at full size. Read {_DDPM}, algorithm 2, line 4.",
        f"新的噪声是以原大小加上去的。请读 {_DDPM} 算法 2 第 4 行。",
    ),
    "remove_noise_minus": (
        "The fresh noise is subtracted. Samples look alike that way, but a given eps must be used"
        " with its own sign.",
        "减去了新的噪声。这样的样本看似相同，但给定的 eps 必须连同符号原样使用。",
    ),
    "remove_noise_at_zero": (
        "Noise is added at t = 0 too. That is the last step of sampling: its result is the image"
        f" itself. Read {_DDPM}, algorithm 2, line 3.",
        f"在 t = 0 也加了噪声。那是采样的最后一步，结果就是图像本身。请读 {_DDPM} 算法 2 第 3 行。",
    ),
    "remove_noise_gate": (
        "Whether noise is added is decided once for the whole batch. With t of shape [B] some"
        " images may be at t = 0 and others not.",
        "是否加噪声是对整个批次一次性决定的。t 的形状为 [B] 时，有的图像在 t = 0，有的不在。",
    ),
    "remove_noise_std_ab": (
        "The fresh noise is as large as all noise up to step t. One step back adds only a little."
        f" Read {_DDPM}, eq. (7) and algorithm 2, line 4.",
        f"新的噪声与到第 t 步为止的全部噪声一样大。往回一步只应加一点点。请读 {_DDPM} 式 (7) 与算法 2 第 4 行。",
    ),
    "remove_x0_estimate": (
        "The mean is an estimate of the clean image x_0, all the way back in one jump. One step"
        f" back is asked for. Read {_DDPM}, eq. (11) and algorithm 2.",
        f"均值是对干净图像 x_0 的估计，一步跳到底了。要求的是往回一步。请读 {_DDPM} 式 (11) 与算法 2。",
    ),
    "remove_x0_clipped": (
        "x_0 is estimated and clipped to [-1, 1] on the way. Many samplers do so, but it changes"
        f" the mean; the assignment asks for {_DDPM}, algorithm 2, as it stands.",
        "途中估计了 x_0 并截断到 [-1, 1]。许多采样器这样做，但会改变均值；"
        f"本作业要求原样的 {_DDPM} 算法 2。",
    ),
    "remove_minus_all": (
        "The predicted noise is subtracted at full size. One step removes only a small part of it."
        f" Read {_DDPM}, eq. (11).",
        f"按原大小减去了预测的噪声。一步只去掉其中一小部分。请读 {_DDPM} 式 (11)。",
    ),
    "remove_plus": (
        "The predicted noise is added: the image gets noisier with every step."
        f" Read {_DDPM}, eq. (11).",
        f"加上了预测的噪声：每一步图像都更吵。请读 {_DDPM} 式 (11)。",
    ),
    "remove_no_alpha": (
        "The factor before the bracket is missing: what the forward step shrank has to grow again."
        f" Read {_DDPM}, eq. (11).",
        f"缺少括号前的因子：前向步骤缩小的量应当重新放大。请读 {_DDPM} 式 (11)。",
    ),
    "remove_alpha_no_sqrt": (
        f"The factor before the bracket is too large: a root is missing. Read {_DDPM}, eq. (11).",
        f"括号前的因子偏大：少了一个平方根。请读 {_DDPM} 式 (11)。",
    ),
    "remove_alpha_times": (
        "The bracket is made smaller, not larger: what the forward step shrank has to grow again."
        f" Read {_DDPM}, eq. (11).",
        f"括号被缩小而不是放大：前向步骤缩小的量应当重新放大。请读 {_DDPM} 式 (11)。",
    ),
    "remove_alpha_only_xt": (
        "The factor before the bracket reaches x_t only, not the predicted noise. Look at the"
        f" brackets. Read {_DDPM}, eq. (11).",
        f"括号前的因子只作用于 x_t，没有作用于预测的噪声。请检查括号，并读 {_DDPM} 式 (11)。",
    ),
    "remove_alpha_bar_outside": (
        "The factor before the bracket undoes all steps up to t, not one step. Which of the two"
        f" tables belongs to a single step? Read {_DDPM}, eq. (11).",
        f"括号前的因子撤销了到第 t 步为止的所有步，而不是一步。哪张表属于单步？请读 {_DDPM} 式 (11)。",
    ),
    "remove_alpha_inside": (
        "The predicted noise is divided by a quantity of one single step; it is the noise of all"
        f" steps up to t. Read {_DDPM}, eq. (11).",
        f"预测的噪声被除以了单步的量；而它是到第 t 步为止的全部噪声。请读 {_DDPM} 式 (11)。",
    ),
    "remove_one_minus_ab_no_sqrt": (
        f"The predicted noise is divided by a variance; a root is missing. Read {_DDPM}, eq. (11).",
        f"预测的噪声被除以了方差；少了一个平方根。请读 {_DDPM} 式 (11)。",
    ),
    "remove_sqrt_beta": (
        "Too much of the predicted noise is removed: a root is taken that the equation does not"
        f" have. Read {_DDPM}, eq. (11).",
        f"去掉的预测噪声过多：多开了一次方。请读 {_DDPM} 式 (11)。",
    ),
    "remove_ab_not_one_minus": (
        "The predicted noise is divided by the share of the image, not by that of the noise."
        f" Read {_DDPM}, eq. (11).",
        f"预测的噪声除以了图像的份额，而不是噪声的份额。请读 {_DDPM} 式 (11)。",
    ),
    "remove_alpha_for_beta": (
        "Alpha stands where beta belongs: far too much of the predicted noise is removed."
        f" Read {_DDPM}, eq. (11).",
        f"该用 beta 的地方用了 alpha：去掉的预测噪声太多。请读 {_DDPM} 式 (11)。",
    ),
    "remove_sqrt_one_minus_ab": (
        "All noise is removed at once, as for an estimate of x_0; one step removes only a small"
        f" part. Read {_DDPM}, eq. (11).",
        f"一次去掉了全部噪声，像在估计 x_0；一步只应去掉一小部分。请读 {_DDPM} 式 (11)。",
    ),
    "remove_eps_for_prediction": (
        "The argument eps stands where the network's prediction belongs. eps is fresh noise to add;"
        f" what to remove the network says. Read {_DDPM}, algorithm 2.",
        f"该用网络预测的地方用了参数 eps。eps 是要加入的新噪声，去掉什么由网络决定。请读 {_DDPM} 算法 2。",
    ),
    "remove_no_prediction": (
        "The network's prediction takes no part: nothing is removed."
        f" Read {_DDPM}, algorithm 2, line 4.",
        f"网络的预测没有参与：没有去掉任何噪声。请读 {_DDPM} 算法 2 第 4 行。",
    ),
    "remove_if_batch": (
        "A condition looks at a whole tensor t, and Paddle cannot say whether it is true: some"
        " images of a batch may be at t = 0 and others not. The decision belongs to each image.",
        "条件里用到了整个张量 t，Paddle 无法判断真假：同一批次里有的图像在 t = 0，有的不在。应当逐图像决定。",
    ),
    "t_zero_dim": (
        "t has no dimension here: one step for the whole batch. The docstring allows both shapes,"
        " so t must not be indexed or looped over before it has been given a dimension.",
        "这里的 t 没有维度：整个批次共用一步。文档字符串允许两种形状，在给它加上维度之前不能取下标或循环。",
    ),
    "index_out_of_range": (
        "A table was read beyond its end. Steps run from 0 to T - 1: is something added to t?",
        "查表超出了末尾。步数从 0 到 T - 1：是不是给 t 加了什么？",
    ),
    "crash": (
        "The program crashed below Python. An index outside a table can do that in Paddle on a CPU."
        " Check every index before you look for anything else.",
        "程序在 Python 之下崩溃了。在 CPU 上，Paddle 的越界下标就可能如此。请先检查所有下标。",
    ),
}

LOSS = {
    "loss_model_sees_x0": (
        "The network is shown the clean image: it has no noise to predict."
        f" Read {_DDPM}, algorithm 1, line 5.",
        f"给网络看的是干净图像：里面没有噪声可预测。请读 {_DDPM} 算法 1 第 5 行。",
    ),
    "loss_no_noise": (
        "The network is shown the clean image and has to return it: no noise takes part. That would"
        f" be an autoencoder. Read {_DDPM}, algorithm 1.",
        f"给网络看干净图像并要求它原样返回：没有噪声参与，那是自编码器。请读 {_DDPM} 算法 1。",
    ),
    "loss_model_sees_eps": (
        "The network is shown the noise that it has to predict, not the noisy image."
        f" Read {_DDPM}, algorithm 1, line 5.",
        f"给网络看的就是要预测的噪声，而不是加噪图像。请读 {_DDPM} 算法 1 第 5 行。",
    ),
    "loss_target_x0": (
        "The prediction is compared with the clean image. This network predicts the noise."
        f" Read {_DDPM}, eq. (14).",
        f"预测是与干净图像相比较的，而这个网络预测的是噪声。请读 {_DDPM} 式 (14)。",
    ),
    "loss_target_xt": (
        "The prediction is compared with the noisy image. This network predicts the noise."
        f" Read {_DDPM}, eq. (14).",
        f"预测是与加噪图像相比较的，而这个网络预测的是噪声。请读 {_DDPM} 式 (14)。",
    ),
    "loss_plus": (
        "Noise and prediction are added: the network would learn the opposite of the noise."
        f" Read {_DDPM}, eq. (14).",
        f"噪声与预测是相加的：网络会学成噪声的相反数。请读 {_DDPM} 式 (14)。",
    ),
    "loss_no_target": (
        f"The prediction is compared with nothing: eps takes no part. Read {_DDPM}, eq. (14).",
        f"预测没有与任何东西比较：eps 没有参与。请读 {_DDPM} 式 (14)。",
    ),
    "loss_sum": (
        "The squares are summed, not averaged: the loss grows with batch and image size.",
        "对平方求了和而不是平均：损失会随批大小和图像大小增长。",
    ),
    "loss_sum_per_image": (
        "The squares are summed over an image and averaged over the batch only. The docstring asks"
        " for the mean over all elements.",
        "对图像求了和、只对批次取了平均。文档字符串要求对所有元素取平均。",
    ),
    "loss_not_reduced": (
        "Several numbers are returned; one mean over all elements is asked for.",
        "返回了多个数；要求的是对所有元素的一个平均值。",
    ),
    "loss_absolute": (
        f"The absolute error is used; {_DDPM}, eq. (14), has the squared error.",
        f"用了绝对误差；{_DDPM} 式 (14) 是平方误差。",
    ),
    "loss_huber": (
        f"A smooth L1 (Huber) loss is used; {_DDPM}, eq. (14), has the squared error.",
        f"用了平滑 L1（Huber）损失；{_DDPM} 式 (14) 是平方误差。",
    ),
    "loss_root": (
        f"A root is taken of the mean; {_DDPM}, eq. (14), has none.",
        f"对平均值开了方；{_DDPM} 式 (14) 没有。",
    ),
    "loss_not_squared": (
        "The differences are averaged without a square: positive and negative ones cancel, and the"
        " loss can be negative.",
        "对差值直接取了平均而没有平方：正负会抵消，损失可以为负。",
    ),
    "loss_half": (
        f"The result is half of what it should be; {_DDPM}, eq. (14), has no such factor.",
        f"结果只有应有的一半；{_DDPM} 式 (14) 没有这个因子。",
    ),
    "loss_sign": (
        "The loss is negative: making it smaller would make the prediction worse.",
        "损失为负：减小它反而使预测更差。",
    ),
    "loss_square_of_mean": (
        "The mean is taken before the square: differences of opposite sign cancel.",
        "先取平均再平方：符号相反的差值会互相抵消。",
    ),
    "loss_step": (
        "The network is told another step than the one at which the noise was added."
        f" Read {_DDPM}, algorithm 1, line 5.",
        f"告诉网络的步数与加噪时的步数不同。请读 {_DDPM} 算法 1 第 5 行。",
    ),
    "loss_fresh_noise": (
        "Two calls with the same arguments give different losses: fresh noise is drawn inside. The"
        " argument eps is both what is added and what is to be predicted.",
        "相同的参数两次调用得到不同的损失：函数内部重新抽取了噪声。参数 eps 既是加入的噪声，也是预测的目标。",
    ),
    "gradient_cut_network": (
        "No gradient reaches the parameters of predict_noise, so nothing could be learnt. Look for"
        " no_grad, detach, numpy or float on the way from the network to the loss.",
        "梯度没有到达 predict_noise 的参数，什么也学不到。"
        "请检查从网络到损失的途中是否有 no_grad、detach、numpy 或 float。",
    ),
    "model_without_t": (
        "The network was called without the step. It cannot know how much noise to expect: it takes"
        " the noisy image and t.",
        "调用网络时没有给步数，它无从知道噪声有多大：它需要加噪图像和 t。",
    ),
    "model_t_float": (
        "The network was given a step that is not a whole-number tensor. It looks the step up in a"
        " table, so hand t on as it came.",
        "传给网络的步数不是整数张量。网络要用它查表，请把 t 原样传下去。",
    ),
    "model_t_shape": (
        "The network was given t in another shape than [B] or 0-D. A shape that suits the tables"
        " does not suit the network: hand t on as it came.",
        "传给网络的 t 形状既不是 [B] 也不是 0-D。适合查表的形状不一定适合网络：请把 t 原样传下去。",
    ),
    "model_arguments_swapped": (
        "The network got its arguments in the wrong order: first the noisy image, then the step.",
        "网络的参数顺序反了：先是加噪图像，再是步数。",
    ),
}

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

GENERAL = {
    "gradient_cut": (
        "The value may be right, but a gradient does not arrive, so nothing could be learnt. Look"
        " for detach, no_grad, numpy, float or new tensors made from old ones.",
        "数值也许正确，但梯度没有传到，什么也学不到。"
        "请查找 detach、no_grad、numpy、float 或由旧张量新建的张量。",
    ),
    "input_changed": (
        "An argument was changed in place. The caller still needs it: compute new tensors.",
        "参数被就地修改了。调用者还要用它：请计算出新的张量。",
    ),
    "in_place": (
        "A tensor that takes part in the gradient was changed in place; Paddle refuses that."
        " Compute a new tensor.",
        "就地修改了参与梯度的张量，Paddle 不允许。请计算出新的张量。",
    ),
    "dtype": (
        "The result is not float32. Numbers from NumPy are float64, comparisons are bool: something"
        " of the kind got into the computation.",
        "结果不是 float32。NumPy 的数是 float64，比较的结果是 bool：计算里混入了这类东西。",
    ),
    "one_element": (
        "The result has one element but also one dimension, [1]; a 0-D tensor is asked for. A mean"
        " over everything that is left has no dimension.",
        "结果只有一个元素，但形状是 [1]；要求 0-D 张量。",
    ),
    "returned_none": (
        "Nothing is returned. Does every way through the function end in a return?",
        "没有返回任何东西。函数的每条路径最后都有 return 吗？",
    ),
    "returned_other": (
        "A paddle Tensor is asked for. NumPy arrays and Python numbers carry no gradient.",
        "要求返回 paddle 张量。NumPy 数组和 Python 数不带梯度。",
    ),
    "float_of_one_element": (
        "A tensor of shape [1] was turned into a Python number, which NumPy refuses. It should have"
        " no dimension.",
        "把形状为 [1] 的张量转成了 Python 数，NumPy 不允许。它不应有维度。",
    ),
    "bool_times_float": (
        "A comparison gives True and False; Paddle does not multiply them by floats. They have to"
        " become numbers first.",
        "比较的结果是真与假；Paddle 不能把它们与浮点数相乘，需要先转成数。",
    ),
    "signature": (
        "The function does not take the arguments that it is called with. Their number and order"
        " are fixed; their names are yours.",
        "函数接受的参数与调用不符。参数的个数与顺序是固定的，名字随你。",
    ),
    "not_in_paddle": (
        "Paddle has no function of that name; other libraries may. Look it up in Paddle's"
        " documentation.",
        "Paddle 没有这个名字的函数（别的库也许有）。请查 Paddle 的文档。",
    ),
}

HINTS = {**REPARAMETERIZE, **KL, **REGION, **DDPM, **LOSS, **AUTOENCODER, **GENERAL}

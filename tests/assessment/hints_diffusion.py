# ruff: noqa: E501 - Chinese characters count twice
"""Hints for diffusion/assignment.py: hint id -> (English, Chinese). See hints.py."""

_DDPM = "Ho et al. 2020"

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
    "remove_noise_too_late": (
        "At t = 1 no noise is added. Steps are counted from 0 here, so only t = 0 is the last one."
        f" Read {_DDPM}, algorithm 2, line 3, and the docstring at the top of the file.",
        "在 t = 1 没有加噪声。这里步数从 0 开始，只有 t = 0 是最后一步。"
        f"请读 {_DDPM} 算法 2 第 3 行与文件开头的说明。",
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
    "remove_model_step": (
        "The network is told another step than t, so it expects another amount of noise."
        f" Read {_DDPM}, algorithm 2, line 4.",
        f"告诉网络的步数不是 t，它会以为噪声是另一种大小。请读 {_DDPM} 算法 2 第 4 行。",
    ),
    "remove_model_sees_eps": (
        "The network is shown the fresh noise, not the noisy image."
        f" Read {_DDPM}, algorithm 2, line 4.",
        f"给网络看的是新的噪声，而不是加噪图像。请读 {_DDPM} 算法 2 第 4 行。",
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
    "t_one_number": (
        "A tensor with several values was turned into a single Python number. With t of shape [B]"
        " every image has a step of its own.",
        "把含多个值的张量转成了一个 Python 数。t 的形状为 [B] 时，每张图像有自己的步数。",
    ),
    "index_out_of_range": (
        "A table was read beyond its end. Steps run from 0 to T - 1: is something added to t?",
        "查表超出了末尾。步数从 0 到 T - 1：是不是给 t 加了什么？",
    ),
    "fresh_noise": (
        "Two calls with the same arguments give different answers: something random is drawn inside."
        " The noise is an argument here, eps, and has to be used as it is.",
        "相同的参数两次调用得到不同的结果：函数内部抽取了随机数。这里的噪声是参数 eps，应当原样使用。",
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
